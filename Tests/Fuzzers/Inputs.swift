// SPDX-License-Identifier: MIT

import CameraCore
import Glibc

/// Reads an input as numbers, front to back; zeros come when it is over.
struct InputReader {
    private var rest: Slice<UnsafeRawBufferPointer>

    init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes[...]
    }

    var isOver: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func word() -> UInt16 { UInt16(byte()) << 8 | UInt16(byte()) }

    /// The next bytes, fewer at the end.
    mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer {
        defer { rest = rest.dropFirst(count) }
        return UnsafeRawBufferPointer(rebasing: rest.prefix(count))
    }

    /// All that is left.
    mutating func remainder() -> UnsafeRawBufferPointer { bytes(rest.count) }
}

/// One file in memory that holds one input after the other, for what can only read files.
enum InputFile {
    /// Open, and without a name: it goes with the program.
    private static let descriptor = {
        var name = Array("/dev/shm/input.XXXXXX".utf8CString)
        let number = mkstemp(&name)
        precondition(number >= 0 && unlink(name) == 0)
        return number
    }()

    static let path = "/proc/self/fd/\(descriptor)"

    /// Makes the file hold these bytes and nothing else.
    static func fill(_ bytes: UnsafeRawBufferPointer) {
        precondition(ftruncate(descriptor, 0) == 0)
        precondition(pwrite(descriptor, bytes.baseAddress, bytes.count, 0) == bytes.count || bytes.isEmpty)
    }
}

extension Frame {
    /// A compressed picture of these bytes, which the frame copies.
    static func compressed(_ bytes: UnsafeRawBufferPointer, _ format: PixelFormat, sequence: UInt64 = 0) -> Frame {
        let copy = CopiedBytes(bytes)
        return Frame(
            format: format, size: Resolution(64, 48), color: .unspecified,
            info: FrameInfo(timestamp: Timestamp(nanoseconds: Int64(sequence)), wallTime: .now, sequence: sequence),
            planes: [Plane(baseAddress: copy.start, byteCount: bytes.count, stride: bytes.count)], owner: copy)
    }
}

/// Bytes in a block of exactly their length, so that reading beyond is noticed.
final class CopiedBytes: @unchecked Sendable {
    // Unchecked: nothing is written after `init`.
    let start: UnsafeRawPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        let block = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 1)
        if let source = bytes.baseAddress { block.copyMemory(from: source, byteCount: bytes.count) }
        start = UnsafeRawPointer(block)
    }

    deinit { start.deallocate() }
}
