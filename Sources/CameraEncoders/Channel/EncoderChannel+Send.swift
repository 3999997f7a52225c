// SPDX-License-Identifier: MIT

public import CameraCore
internal import Glibc
internal import SystemPackage

extension EncoderChannel {
    /// Encodes packed NV12 of the channel's size: all of a frame, or a part of it.
    ///
    /// Parts are put together until the frame is whole.
    ///
    /// - Parameters:
    ///   - bytes: The luma's rows, then those of the interleaved chroma, without padding.
    ///   - presentationTime: When the frame is shown; for a frame in parts, the time that is given with the first part counts.
    ///   - timeout: The longest time to wait while too many streams wait to be received, or others send; nil for no limit.
    /// - Throws: `.invalidValue` for more bytes than the frame has; `.queueFull`; `.notStarted`; `.closed`; what the codec
    ///   failed with.
    public func send(
        _ bytes: RawSpan, at presentationTime: Duration, timeout: Duration? = .zero
    ) throws(CameraError) {
        let run = try run("sending a frame")
        try bytes.withUnsafeBytes { (bytes) throws(CameraError) in
            try run.send(bytes, at: presentationTime, until: .deadline(after: timeout))
        }
    }

    /// Encodes a frame of the channel's size, in any layout.
    ///
    /// - Parameters:
    ///   - frame: The frame.
    ///   - presentationTime: When the frame is shown; nil for the frame's own timestamp.
    ///   - timeout: The longest time to wait while too many streams wait to be received, or others send; nil for no limit.
    /// - Throws: `.invalidValue` for another size; `.queueFull`; `.notStarted`; `.closed`; what the codec failed with.
    public func send(
        _ frame: Frame, at presentationTime: Duration? = nil, timeout: Duration? = .zero
    ) throws(CameraError) {
        let run = try run("sending a frame")
        try run.send(
            frame, at: presentationTime ?? .nanoseconds(frame.info.timestamp.nanoseconds),
            until: .deadline(after: timeout))
    }

    /// Where a plane lies in memory that is sent.
    public struct Plane: Hashable, Sendable {
        /// Bytes from the start of the memory to the first row.
        public var offset: Int
        /// Bytes from one row to the next.
        public var stride: Int

        /// Describes a plane.
        public init(offset: Int, stride: Int) {
            self.offset = offset
            self.stride = stride
        }
    }

    /// Encodes a frame whose planes lie anywhere in a piece of memory.
    ///
    /// The memory is copied if the codec reads it after the call.
    ///
    /// - Parameters:
    ///   - memory: The memory; it is read during the call alone.
    ///   - planes: Where the planes lie, in the order of the format.
    ///   - format: The layout.
    ///   - presentationTime: When the frame is shown.
    ///   - timeout: The longest time to wait while too many streams wait to be received, or others send; nil for no limit.
    /// - Throws: `.invalidValue` for planes that the memory does not hold; otherwise as the other `send` methods.
    public func send(
        _ memory: RawSpan, planes: [Plane], format: PixelFormat = .nv12, at presentationTime: Duration,
        timeout: Duration? = .zero
    ) throws(CameraError) {
        let run = try run("sending a frame")
        try memory.withUnsafeBytes { (bytes) throws(CameraError) in
            let frame = try self.frame(bytes, planes, format, presentationTime, owner: Nobody(), descriptor: nil)
            try run.send(lent: frame, at: presentationTime, until: .deadline(after: timeout))
        }
    }

    /// Encodes a frame in the memory behind a file descriptor, such as a dma-buf or a memfd, without copying it.
    ///
    /// - Parameters:
    ///   - descriptor: The descriptor, which stays the caller's and may be closed afterwards; its memory must not change
    ///     until the frame's stream came out.
    ///   - byteCount: Bytes of the memory.
    ///   - planes: Where the planes lie, in the order of the format.
    ///   - format: The layout.
    ///   - presentationTime: When the frame is shown.
    ///   - timeout: The longest time to wait while too many streams wait to be received, or others send; nil for no limit.
    /// - Throws: `.system` when the memory cannot be mapped; otherwise as the other `send` methods.
    public func send(
        descriptor: Int32, byteCount: Int, planes: [Plane], format: PixelFormat = .nv12,
        at presentationTime: Duration, timeout: Duration? = .zero
    ) throws(CameraError) {
        let run = try run("sending a frame")
        let mapping = try SharedMemory(descriptor, byteCount: byteCount)
        let frame = try frame(
            mapping.bytes, planes, format, presentationTime, owner: mapping, descriptor: mapping.descriptor)
        try run.send(frame, at: presentationTime, until: .deadline(after: timeout))
    }

    private func frame(
        _ memory: UnsafeRawBufferPointer, _ planes: [Plane], _ format: PixelFormat, _ time: Duration,
        owner: any AnyObject & Sendable, descriptor: Int32?
    ) throws(CameraError) -> Frame {
        let size = attributes.size
        guard !format.isCompressed, format.planeCount == planes.count, let start = memory.baseAddress else {
            throw CameraError(
                .invalidValue, "sending a frame",
                reason: "\(format.name) has \(format.planeCount) planes, but \(planes.count) were described")
        }
        var list: [Frame.Plane] = []
        for (index, plane) in planes.enumerated() {
            guard let layout = format.layout(ofPlane: index) else { continue }
            let rowBytes = layout.rowBytes(width: size.width)
            let (rows, overflow) = plane.stride.multipliedReportingOverflow(by: layout.rows(height: size.height) - 1)
            guard !overflow, plane.offset >= 0, plane.stride >= rowBytes, plane.offset <= memory.count,
                rows <= memory.count - plane.offset - rowBytes
            else {
                throw CameraError(
                    .invalidValue, "sending a frame",
                    reason: "plane \(index) of \(size) in \(format.name), at \(plane.offset) in rows of "
                        + "\(plane.stride) bytes, does not lie in memory of \(memory.count) bytes")
            }
            list.append(
                Frame.Plane(
                    baseAddress: start + plane.offset, byteCount: rows + rowBytes, stride: plane.stride,
                    dmaBuffer: descriptor.map {
                        DMABuffer(descriptor: $0, offset: plane.offset, byteCount: memory.count)
                    }))
        }
        return Frame(
            format: format, size: size, color: attributes.color,
            info: FrameInfo(timestamp: Timestamp(nanoseconds: time.nanoseconds), wallTime: .now, sequence: 0),
            planes: list, owner: owner)
    }

    /// Keeps nothing alive: the memory is the caller's for the time of a call.
    private final class Nobody: Sendable {}
}

/// Memory behind a file descriptor, mapped for reading until the last frame that shows it is gone.
private final class SharedMemory: @unchecked Sendable {
    // Unchecked: an address and a length that do not change.
    let bytes: UnsafeRawBufferPointer
    let descriptor: Int32

    init(_ descriptor: Int32, byteCount: Int) throws(CameraError) {
        let operation = "mapping the frame's memory"
        guard byteCount > 0 else {
            throw CameraError(.invalidValue, operation, reason: "\(byteCount) is no number of bytes")
        }
        // A number of our own: the caller may close his while the codec works.
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw CameraError(.system, operation, systemError: Errno(rawValue: errno)) }
        guard let address = mmap(nil, byteCount, PROT_READ, MAP_SHARED, copy, 0), address != MAP_FAILED else {
            let error = Errno(rawValue: errno)
            close(copy)
            throw CameraError(.system, operation, systemError: error)
        }
        self.descriptor = copy
        bytes = UnsafeRawBufferPointer(start: address, count: byteCount)
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        close(descriptor)
    }
}
