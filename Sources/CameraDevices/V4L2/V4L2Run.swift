// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization
internal import V4L2

/// A camera's work from its start to its stop: makes frames of the driver's buffers.
final class V4L2Run: Sendable {
    /// The buffers.
    let queue: BufferQueue
    private let mode: V4L2Mode
    private let layout: PictureLayout
    private let pool: BytePool
    private let isShared: Bool
    private let converter: ExoticConverter?
    private let sequence = Mutex(SequenceCounter())

    /// Buffers that the driver must have in its hands, so that it can fill one while the other changes hands.
    private static let leastQueued = 2

    /// Has the driver make buffers and starts it.
    ///
    /// - Parameters:
    ///   - device: The device, set to `mode`.
    ///   - mode: What the frames are like.
    ///   - bufferCount: Buffers to ask for.
    ///   - pool: Memory for copies.
    /// - Throws: The driver's error; `.device` when its buffers are too small.
    init(_ device: VideoDevice, _ mode: V4L2Mode, bufferCount: Int, pool: BytePool) throws {
        self.mode = mode
        self.pool = pool
        layout = PictureLayout(mode.image)
        // All readers of a v4l2loopback device share the writer's buffers, which it fills again while they are lent.
        isShared = device.capabilities.driver == "v4l2 loopback"
        converter = try ExoticFormat(mode.image.pixelFormat).map { _ in try ExoticConverter(mode) }
        queue = try BufferQueue(
            device, device.captureType, wanted: bufferCount, exporting: !isShared && converter == nil)
        try device.subscribe(to: .sourceChange, of: try device.input()?.number ?? 0)
        try queue.start()
    }

    /// What became of the next buffer.
    enum Outcome {
        /// A frame in the driver's memory.
        case lent(Frame)
        /// A frame in the program's memory.
        case copied(Frame)
        /// A frame in the program's memory, made of one in another layout.
        case converted(Frame)
        /// There was no memory for a copy.
        case dropped
        /// The buffer's contents are not a whole picture.
        case damaged
        /// No buffer was filled yet.
        case none
    }

    /// Takes the next buffer that the driver filled.
    func take() throws(DeviceError) -> Outcome {
        guard let buffer = try queue.dequeue() else { return .none }
        let number = sequence.withLock { $0.widen(buffer.sequence) }
        let timestamp = buffer.timestamp ?? .now
        let info = FrameInfo(timestamp: timestamp, wallTime: WallTime(timestamp), sequence: number)
        if let converter { return convert(buffer, info, by: converter) }
        guard let planes = planes(of: buffer) else { return .damaged }
        let loan = Frame(
            format: mode.frameFormat, size: mode.image.size, color: mode.frameColor, info: info, planes: planes,
            owner: buffer, isLoan: true)
        if queue.queuedCount >= Self.leastQueued, !isShared { return .lent(loan) }
        // The loan ends with this call, and the buffer goes back to the driver.
        return loan.copy(from: pool).map(Outcome.copied) ?? .dropped
    }

    private func convert(_ buffer: DequeuedBuffer, _ info: FrameInfo, by converter: ExoticConverter) -> Outcome {
        guard !buffer.isDamaged, let memory = buffer.memories.first else { return .damaged }
        guard let bytes = pool.take(converter.byteCount) else { return .dropped }
        guard converter.convert(memory.baseAddress, byteCount: memory.byteCount, to: bytes.baseAddress) else {
            return .damaged
        }
        return .converted(
            Frame(
                packed: mode.frameFormat, size: mode.image.size, color: mode.frameColor, info: info, bytes: bytes))
    }

    /// The picture's planes in a buffer; nil when the picture is not whole.
    private func planes(of buffer: DequeuedBuffer) -> [Frame.Plane]? {
        guard !buffer.isDamaged else { return nil }
        if mode.image.pixelFormat.isCompressed {
            guard let memory = buffer.memories.first else { return nil }
            let bytes = UnsafeRawBufferPointer(start: memory.baseAddress, count: memory.byteCount)
            return bytes.jpegByteCount.map {
                [Frame.Plane(baseAddress: memory.baseAddress, byteCount: $0, stride: $0)]
            }
        }
        for index in 0..<layout.memoryCount {
            guard buffer.memories.indices.contains(index),
                buffer.memories[index].byteCount >= layout.byteCount(ofMemory: index)
            else { return nil }
        }
        return layout.planes.map { plane in
            let memory = buffer.memories[plane.memory]
            return Frame.Plane(
                baseAddress: memory.baseAddress + plane.offset, byteCount: plane.byteCount, stride: plane.stride,
                dmaBuffer: memory.dmaBuffer(at: plane.offset))
        }
    }
}
