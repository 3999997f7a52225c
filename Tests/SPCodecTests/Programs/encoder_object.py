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
