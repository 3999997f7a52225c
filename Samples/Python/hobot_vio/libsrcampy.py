# SPDX-License-Identifier: MIT
"""The Encoder object of libsrcampy over libSPCodec.so, which `make install` brings along with this module.

    from hobot_vio import libsrcampy
    encoder = libsrcampy.Encoder()
    encoder.encode(2, [1920, 1080])             # or, as older programs have it: encode(0, 2, 1920, 1080)
    encoder.send_frame(nv12)                    # or encode_file(nv12)
    stream = encoder.get_frame()                # or get_img()

The library is looked for where this module was installed, then where the system looks for libraries; SPCODEC_LIBRARY names
another place. The module's other objects are left out: making one says what there is instead.
"""
import ctypes
import os


def _load():
    # <prefix>/lib/pythonX.Y/dist-packages/hobot_vio/libsrcampy.py
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), *[os.pardir] * 3, "libSPCodec.so.0")
    default = beside if os.path.exists(beside) else "libSPCodec.so.0"
    return ctypes.CDLL(os.environ.get("SPCODEC_LIBRARY", default))


_library = _load()
_library.sp_init_encoder_module.restype = ctypes.c_void_p
_library.sp_release_encoder_module.argtypes = [ctypes.c_void_p]
_library.sp_release_encoder_module.restype = None
_library.sp_start_encode.argtypes = [ctypes.c_void_p] + [ctypes.c_int32] * 5
_library.sp_stop_encode.argtypes = [ctypes.c_void_p]
_library.sp_encoder_set_frame.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32]
_library.sp_encoder_get_stream.argtypes = [ctypes.c_void_p, ctypes.c_char_p]

_CHANNELS = range(32)
_BITS = 8000


def _numbers(arguments, bits):
    """What a call of encode asks for: channels to try, type, width, height, bits; None when it makes no sense."""
    try:
        if len(arguments) >= 2 and hasattr(arguments[1], "__len__"):
            # encode_type, [width, height][, bits]: the object has no channel number; any that is free will do.
            encode_type, size, *rest = arguments
            width, height = size
            channels = _CHANNELS
        else:
            channel, encode_type, width, height, *rest = arguments
            channels = [int(channel)]
        if len(rest) > 1 or (rest and bits is not None):
            return None
        if rest:
            bits = rest[0]
        numbers = [int(number) for number in (encode_type, width, height, _BITS if bits is None else bits)]
    except (TypeError, ValueError, OverflowError):
        return None
    if not all(-(2**31) <= number < 2**31 for number in [*channels, *numbers]):
        return None
    return channels, numbers


class Encoder:
    """Encodes NV12 pictures. Methods return 0, or -1 on failure."""

    def __init__(self):
        self._object = _library.sp_init_encoder_module()
        self._stream = None

    def __del__(self):
        if getattr(self, "_object", None):
            _library.sp_release_encoder_module(self._object)

    def encode(self, *arguments, bits=None):
        """Starts an encoder: encode(encode_type, [width, height], bits=8000) or encode(channel, encode_type, width, height,
        bits=8000).

        encode_type is 1 for H.264, 2 for H.265, 3 for MJPEG; width and height are at most 4096; bits is the rate in kilobits
        per second; channel is 0 to 31, and any that is free where it is not given.
        """
        wanted = _numbers(arguments, bits)
        if self._stream is not None or wanted is None:
            return -1
        channels, (encode_type, width, height, bits) = wanted
        if not all(0 < side <= 4096 for side in (width, height)):
            return -1
        for channel in channels:
            if _library.sp_start_encode(self._object, channel, encode_type, width, height, bits) == 0:
                self._stream = ctypes.create_string_buffer(width * height)
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

    encode_file = send_frame

    def get_frame(self):
        """The stream of the oldest picture that was sent, as bytes; None when none comes in two seconds, -1 without an
        encoder."""
        if self._stream is None:
            return -1
        size = _library.sp_encoder_get_stream(self._object, self._stream)
        return None if size < 0 else ctypes.string_at(self._stream, size)

    get_img = get_frame

    def close(self):
        """Ends the encoder."""
        if self._stream is None:
            return -1
        self._stream = None
        return _library.sp_stop_encode(self._object)


def _left_out(name, instead):
    raise NotImplementedError(
        "libsrcampy.%s is not there off the board: this module has Encoder alone. %s" % (name, instead)
    )


_PICTURES = (
    "Pictures of a camera come as NV12 from `camera record - --format nv12`, a frame of width * height * 3 / 2 bytes after "
    "the other, for Encoder.send_frame."
)


class Camera:
    """Left out."""

    def __init__(self, *arguments, **options):
        _left_out("Camera", _PICTURES)


class Decoder:
    """Left out."""

    def __init__(self, *arguments, **options):
        _left_out("Decoder", "ffmpeg decodes H.264, H.265 and MJPEG.")


class Display:
    """Left out."""

    def __init__(self, *arguments, **options):
        _left_out("Display", "There is no screen to draw on.")


def bind(*objects):
    """Left out."""
    _left_out("bind", _PICTURES)


def unbind(*objects):
    """Left out."""
    _left_out("unbind", _PICTURES)
