import os

from concord.fingerprints.digests import digest_stream
from concord.jail.descriptor import stream_of

from .conftest import Descriptor


def test_the_whole_file_is_read_and_the_shared_position_stays(descriptor_of: Descriptor) -> None:
    data = os.urandom(3_000_000)
    descriptor = descriptor_of(data)
    os.lseek(descriptor, 1234, os.SEEK_SET)
    assert digest_stream(stream_of(descriptor))[1] == len(data)
    assert stream_of(descriptor).read() == data
    assert os.lseek(descriptor, 0, os.SEEK_CUR) == 1234
