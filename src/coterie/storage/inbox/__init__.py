"""The inbox: requests as they came, on disk before they are answered, until they are drained.

::

    data/inbox/00000000000000000001.segment    header: magic, first number, sealed key, checksum
                                               frame, frame, …, closing frame
    data/inbox/00000000000000004711.segment

A frame is what one group commit wrote: a header (numbers, length, checksums) and the requests,
sealed under the key of the segment, which is sealed under the project's. A segment that is full,
or was left by a writer that ended, has a closing frame; the last one may end in a frame that was
being written when the power went, which is not there. Anything else is damage, and is named.
"""

from coterie.storage.inbox.frames import Request
from coterie.storage.inbox.waiting import Waiting
from coterie.storage.inbox.writer import SEGMENT_BYTES, Inbox

__all__ = ["SEGMENT_BYTES", "Inbox", "Request", "Waiting"]
