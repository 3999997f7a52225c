# SPDX-License-Identifier: MIT
"""What the Encoder object returns, right and wrong."""
from hobot_vio import libsrcampy

encoder = libsrcampy.Encoder()
frame = bytes([100] * (64 * 64 * 3 // 2))
assert encoder.send_frame(frame) == -1
assert encoder.get_frame() == -1
assert encoder.close() == -1
for wrong in ([4098, 64], [64, 8192], [0, 64], [-2, 64], [63, 64], [64], None, ["a", "b"]):
    assert encoder.encode(2, wrong) == -1, wrong
for wrong in (0, 4, -1, None, 2**40):
    assert encoder.encode(wrong, [64, 64]) == -1, wrong
for kind in (1, 2, 3):
    assert encoder.encode(kind, [64, 64], 512) == 0
    assert encoder.encode(kind, [64, 64]) == -1
    assert encoder.get_frame() is None
    assert encoder.send_frame(frame[1:]) == -1
    assert encoder.send_frame(12) == -1
    assert encoder.send_frame(bytearray(frame)) == 0
    stream = encoder.get_frame()
    assert isinstance(stream, bytes) and len(stream) > 0
    assert encoder.get_frame() is None
    assert encoder.close() == 0
    assert encoder.close() == -1
    assert encoder.get_frame() == -1

others = [libsrcampy.Encoder() for _ in range(33)]
assert [other.encode(3, [64, 64]) for other in others] == [0] * 32 + [-1]
del others
assert libsrcampy.Encoder().encode(3, [64, 64]) == 0

# The form of older programs: the channel first, width and height by themselves; and the older names.
old = libsrcampy.Encoder()
for wrong in ((0, 1), (0, 1, 64), (32, 1, 64, 64), (-1, 1, 64, 64), (0, 0, 64, 64), (0, 1, 64, 63), (0, 1, 64, 64, 0)):
    assert old.encode(*wrong) == -1, wrong
assert old.encode(0, 1, 64, 64, 512, 7) == -1
assert old.encode(0, 1, 64, 64, 512, bits=512) == -1
for kind in (1, 2, 3):
    for more in ((), (512,)):
        assert old.encode(31, kind, 64, 64, *more) == 0
        assert libsrcampy.Encoder().encode(31, kind, 64, 64) == -1
        assert old.encode_file(frame) == 0
        stream = old.get_img()
        assert isinstance(stream, bytes) and 0 < len(stream) <= 64 * 64
        assert old.close() == 0
assert old.encode(1, (64, 64), bits=512) == 0
assert old.close() == 0

# What is left out says what there is.
for left_out in (libsrcampy.Camera, libsrcampy.Decoder, libsrcampy.Display, libsrcampy.bind, libsrcampy.unbind):
    try:
        left_out()
    except NotImplementedError as error:
        assert left_out.__name__ in str(error) and "Encoder" in str(error)
    else:
        raise AssertionError(left_out)

# One thread sends, another fetches: it waits for what is to come.
import threading

together = libsrcampy.Encoder()
assert together.encode(3, [64, 64]) == 0
fetched = []


def fetch():
    while len(fetched) < 20:
        stream = together.get_frame()
        if stream is not None:
            fetched.append(stream)


thread = threading.Thread(target=fetch)
thread.start()
for _ in range(20):
    # Waits three seconds for room: long enough but on the busiest of machines.
    while together.send_frame(frame) != 0:
        pass
thread.join()
assert all(fetched)
