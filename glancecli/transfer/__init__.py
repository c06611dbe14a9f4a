"""Image data between this machine and a cloud, and between two clouds: sent, retried, verified.

How commands call it::

    with transfer.source(path, stdin, note=app.note) as source:  # None: there is no data
        info = diskformat.inspect(source.head(HEAD_SIZE), size=source.size,
                                  tail=source.tail(1024), read_at=source.read_at)
        image = transfer.create(app.images, fields, source, options)  # POST, data, verify, clean up
        image = transfer.upload(app.images, image, source, options)   # data of a queued image
        image = transfer.stage(app.images, image, source, options)    # the same, for an import
    image = transfer.create_without_upload(app.images, fields, options)  # data comes otherwise
    transfer.download(app.images, image, path_or_stream, options, overwrite=..., sparse=...)
    transfer.copy(app.images, image, other_images, fields, options)  # into another cloud

source() opens and checks before anything is sent: a folder, an unreadable or an empty file raises
GlanceError. options is an Options. Every failure raises GlanceError (or Stopped after a signal),
which names the image and says what has become of it.
"""

from glancecli.transfer.copy import copy
from glancecli.transfer.create import create, create_without_upload
from glancecli.transfer.download import Downloaded, download
from glancecli.transfer.options import Options, Progress
from glancecli.transfer.source import Source, source
from glancecli.transfer.upload import stage, upload

__all__ = [
    "Downloaded",
    "Options",
    "Progress",
    "Source",
    "copy",
    "create",
    "create_without_upload",
    "download",
    "source",
    "stage",
    "upload",
]
