"""How large a qcow2 file must be: up to its last cluster with a reference count."""

from __future__ import annotations

from glancecli.diskformat.reader import LARGEST_READ, Reader, big_endian, numbers

CLUSTER_BITS = big_endian(20, 4)
TABLE_OFFSET = big_endian(48, 8)
TABLE_CLUSTERS = big_endian(56, 4)
REFCOUNT_ORDER = big_endian(96, 4)  # of version 3
ENTRY_LENGTH = 8
LARGEST_CLUSTER_BITS = 21
BITS_OF_VERSION_2 = 16


def least_size(reader: Reader, version: int) -> int:
    """Returns the start of the last used cluster, plus one byte; 0 when it cannot be known.

    The last cluster itself may be shorter than the others. The table of reference counts has the
    offsets of blocks, and each block the counts of consecutive clusters.
    """
    cluster_bits = reader.number(CLUSTER_BITS)
    table_offset = reader.number(TABLE_OFFSET)
    if not table_offset or cluster_bits > LARGEST_CLUSTER_BITS:
        return 0
    cluster = 1 << cluster_bits
    table_length = min(reader.number(TABLE_CLUSTERS) * cluster, LARGEST_READ)
    blocks = numbers(reader.read(table_offset, table_length), ENTRY_LENGTH, "big")
    if len(blocks) * ENTRY_LENGTH < table_length:
        return table_offset + table_length
    used = [number for number, offset in enumerate(blocks) if offset]
    if not used:
        return 0
    last = used[-1]
    counts = reader.read(blocks[last], min(cluster, LARGEST_READ))
    if not counts:
        return blocks[last] + cluster
    bits = _bits_of_a_count(reader, version)
    clusters_before = last * cluster * 8 // bits
    return (clusters_before + _last_used(counts, bits)) * cluster + 1


def _bits_of_a_count(reader: Reader, version: int) -> int:
    if version < 3:
        return BITS_OF_VERSION_2
    return 1 << min(reader.number(REFCOUNT_ORDER), 6)


def _last_used(counts: bytes, bits: int) -> int:
    """Returns the index of the last count that is not zero; a byte may hold several counts."""
    used_bytes = len(counts.rstrip(b"\0"))
    return max(used_bytes * 8 - 1, 0) // bits
