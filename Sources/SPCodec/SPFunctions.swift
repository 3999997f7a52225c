// SPDX-License-Identifier: MIT

internal import CameraCore

// The six functions of the SP encoder module; C/sp_codec.h is their documentation.
// They are exported by @_cdecl: its official spelling, @c, came with Swift 6.3, and distributions ship 6.2.

/// Makes an encoder object; null on failure.
@_cdecl("sp_init_encoder_module")
public func spInitEncoderModule() -> UnsafeMutableRawPointer? {
    SPRegistry.shared.makeEncoder()
}

/// Stops the object's channel and frees the object.
@_cdecl("sp_release_encoder_module")
public func spReleaseEncoderModule(_ handle: UnsafeMutableRawPointer?) {
    SPRegistry.shared.release(handle)
}

/// Makes and starts the object's channel; returns 0, or -1 on failure.
@_cdecl("sp_start_encode")
public func spStartEncode(
    _ handle: UnsafeMutableRawPointer?, _ number: Int32, _ type: Int32, _ width: Int32, _ height: Int32, _ bits: Int32
) -> Int32 {
    guard let encoder = SPRegistry.shared[handle] else { return -1 }
    return status { () throws(CameraError) in
        try encoder.start(number: number, type: type, width: Int(width), height: Int(height), kilobits: Int(bits))
    }
}

/// Ends the object's channel; returns 0, or -1 on failure.
@_cdecl("sp_stop_encode")
public func spStopEncode(_ handle: UnsafeMutableRawPointer?) -> Int32 {
    guard let encoder = SPRegistry.shared[handle] else { return -1 }
    return status { () throws(CameraError) in try encoder.stop() }
}

/// Encodes a frame of packed NV12; returns 0, or -1 on failure.
@_cdecl("sp_encoder_set_frame")
public func spEncoderSetFrame(
    _ handle: UnsafeMutableRawPointer?, _ frame: UnsafeMutablePointer<CChar>?, _ size: Int32
) -> Int32 {
    guard let encoder = SPRegistry.shared[handle], let frame else { return -1 }
    return status { () throws(CameraError) in
        try encoder.setFrame(UnsafeRawBufferPointer(start: frame, count: Int(max(size, 0))))
    }
}

/// Copies the oldest stream to the caller's memory; returns its number of bytes, or -1 when there is none.
@_cdecl("sp_encoder_get_stream")
public func spEncoderGetStream(
    _ handle: UnsafeMutableRawPointer?, _ stream: UnsafeMutablePointer<CChar>?
) -> Int32 {
    guard let encoder = SPRegistry.shared[handle], let stream, let bytes = encoder.takeStream() else { return -1 }
    UnsafeMutableRawPointer(stream).copyMemory(from: bytes.baseAddress, byteCount: bytes.count)
    return Int32(bytes.count)
}

/// The result of a call in C: 0, or -1 on failure; the interface has no way to tell more.
private func status(_ body: () throws(CameraError) -> Void) -> Int32 {
    do throws(CameraError) {
        try body()
        return 0
    } catch {
        return -1
    }
}
