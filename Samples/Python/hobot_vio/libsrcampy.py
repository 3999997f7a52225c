# SPDX-License-Identifier: MIT
"""The Encoder object of libsrcampy over libSPCodec.so, which `make install` brings.

    from hobot_vio import libsrcampy
    encoder = libsrcampy.Encoder()
    encoder.encode(2, [1920, 1080])
    encoder.send_frame(nv12)
    stream = encoder.get_frame()

The library is looked for where the system looks for libraries; SPCODEC_LIBRARY names another place.
"""
import ctypes
import os

_library = ctypes.CDLL(os.environ.get("SPCODEC_LIBRARY", "libSPCodec.so.0"))
_library.sp_init_encoder_module.restype = ctypes.c_void_p
_library.sp_release_encoder_module.argtypes = [ctypes.c_void_p]
_library.sp_release_encoder_module.restype = None
_library.sp_start_encode.argtypes = [ctypes.c_void_p] + [ctypes.c_int32] * 5
_library.sp_stop_encode.argtypes = [ctypes.c_void_p]
_library.sp_encoder_set_frame.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32]
_library.sp_encoder_get_stream.argtypes = [ctypes.c_void_p, ctypes.c_char_p]

_CHANNELS = range(32)


class Encoder:
    """Encodes NV12 pictures. Methods return 0, or -1 on failure."""

    def __init__(self):
        self._object = _library.sp_init_encoder_module()
        self._stream = None

    def __del__(self):
        if getattr(self, "_object", None):
            _library.sp_release_encoder_module(self._object)

    def encode(self, encode_type, size, bits=8000):
        """Starts an encoder.

        encode_type is 1 for H.264, 2 for H.265, 3 for MJPEG; size is [width, height], at most 4096 each; bits is the rate
        in kilobits per second.
        """
        try:
            width, height = (int(side) for side in size)
            encode_type, bits = int(encode_type), int(bits)
        except (TypeError, ValueError):
            return -1
        if self._stream is not None or not all(0 < side <= 4096 for side in (width, height)):
            return -1
        if not all(-(2**31) <= number < 2**31 for number in (encode_type, bits)):
            return -1
        # The object has no channel number; any that is free will do.
        for channel in _CHANNELS:
            if _library.sp_start_encode(self._object, channel, encode_type, width, height, bits) == 0:
                self._stream = ctypes.create_string_buffer(width * height * 3 // 2)
                return 0
        return -1

    def send_frame(self, img):
        """Encodes a picture: bytes of NV12, or anything that has such a buffer."""
        if self._stream is None:
            return -1
        try:
            img = bytes(memoryview(img))
        except TypeError:
            return -1
        return _library.sp_encoder_set_frame(self._object, img, len(img))

    def get_frame(self):
        """The stream of the oldest picture that was sent, as bytes; None when there is none, -1 without an encoder."""
        if self._stream is None:
            return -1
        size = _library.sp_encoder_get_stream(self._object, self._stream)
        return None if size < 0 else ctypes.string_at(self._stream, size)

    def close(self):
        """Ends the encoder."""
        if self._stream is None:
            return -1
        self._stream = None
        return _library.sp_stop_encode(self._object)
