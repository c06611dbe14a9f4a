"""Image data between this machine and a cloud, and between two clouds: sent, retried, verified.

How commands call it::

    with transfer.open_data(path, stdin, reading, options) as data:  # None: there is no data
        info = diskformat.inspect(data.source.head(HEAD_SIZE), size=data.source.size,
                                  read_at=data.source.read_at)
        image = transfer.create(app.images, fields, data.source, data.options)  # POST, data, verify
        image = transfer.upload(app.images, image, data.source, data.options)  # of a queued image
        image = transfer.stage(app.images, image, data.source, data.options)  # for an import
    image = transfer.create_without_upload(app.images, fields, options)  # data comes otherwise
    transfer.download(app.images, image, path_or_stream, options, overwrite=..., sparse=...)
    transfer.copy(app.images, image, other_images, fields, options)  # into another cloud

open_data() opens and checks before anything is sent: a folder, an unreadable or an empty file
raises GlanceError. options is an Options, reading a Reading. Every failure raises GlanceError (or
Stopped after a signal), which names the image and says what has become of it.
"""

from glancecli.transfer.copy import copy
from glancecli.transfer.create import create, create_without_upload
from glancecli.transfer.download import Downloaded, download
from glancecli.transfer.existing import find_existing
from glancecli.transfer.opening import OpenedData, inspect, open_data, source
from glancecli.transfer.options import Options, Progress, Reading
from glancecli.transfer.published import Published
from glancecli.transfer.source import Source
from glancecli.transfer.upload import stage, upload

__all__ = [
    "Downloaded",
    "OpenedData",
    "Options",
    "Progress",
    "Published",
    "Reading",
    "Source",
    "copy",
    "create",
    "create_without_upload",
    "download",
    "find_existing",
    "inspect",
    "open_data",
    "source",
    "stage",
    "upload",
]
