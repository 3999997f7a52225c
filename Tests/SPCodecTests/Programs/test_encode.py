# SPDX-License-Identifier: MIT
"""The steps of the example in the document of libsrcampy's Encoder: a hundred times the same 1080p picture as H.265."""
from hobot_vio import libsrcampy

encoder = libsrcampy.Encoder()
print("encode returned", encoder.encode(2, [1920, 1080]))
with open("output.img", "rb") as picture:
    image = picture.read()
written = 0
with open("encode.h265", "wb+") as output:
    for _ in range(100):
        print("send_frame returned", encoder.send_frame(image))
        stream = encoder.get_frame()
        if stream is not None:
            output.write(stream)
            written += 1
encoder.close()
print("written:", written)
