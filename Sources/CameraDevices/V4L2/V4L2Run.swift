// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization
internal import V4L2

/// A camera's work from its start to its stop: makes frames of the driver's buffers.
final class V4L2Run: Sendable {
    /// The buffers.
    let queue: BufferQueue
    private let mode: V4L2Mode
    private let format: PixelFormat
    private let color: ColorSpace
    private let layout: PictureLayout
    private let pool: BytePool
    private let isShared: Bool
    private let converter: (any PictureConverter)?
    private let sequence = Mutex(SequenceCounter())
    /// Parameter sets that came without a picture, for the next one.
    private let pendingParameterSets = Mutex<[UInt8]>([])

    /// Buffers that must stay with the driver, so that it can fill one while the other is exchanged.
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
        format = mode.frameFormat
        color = mode.frameColor
        layout = PictureLayout(mode.image)
        // All readers of a v4l2loopback device share the writer's buffers, which it fills again while they are lent.
        isShared = device.capabilities.driver == "v4l2 loopback"
        converter = try mode.makeConverter()
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
        guard let buffer = try queue.dequeue(), !buffer.isUnused else { return .none }
        let number = sequence.withLock { $0.widen(buffer.sequence) }
        if keepParameterSets(of: buffer) { return .none }
        let timestamp = buffer.timestamp ?? .now
        let info = FrameInfo(timestamp: timestamp, wallTime: WallTime(timestamp), sequence: number)
        if let converter { return convert(buffer, info, by: converter) }
        guard let planes = planes(of: buffer) else { return .damaged }
        let loan = Frame(
            format: format, size: mode.image.size, color: color, info: info, planes: planes,
            owner: buffer, isLoan: true)
        let sets = pendingParameterSets.withLock { $0 }
        if !sets.isEmpty {
            guard let whole = loan.copy(behind: sets, from: pool) else { return .dropped }
            pendingParameterSets.withLock { $0 = [] }
            return .copied(whole)
        }
        if queue.queuedCount >= Self.leastQueued, !isShared { return .lent(loan) }
        // The loan ends with this call, and the buffer goes back to the driver.
        return loan.copy(from: pool).map(Outcome.copied) ?? .dropped
    }

    private func convert(_ buffer: DequeuedBuffer, _ info: FrameInfo, by converter: any PictureConverter) -> Outcome {
        guard !buffer.isDamaged, let memory = buffer.memory(0) else { return .damaged }
        guard let bytes = pool.take(converter.byteCount) else { return .dropped }
        guard converter.convert(memory.baseAddress, byteCount: memory.byteCount, to: bytes.baseAddress) else {
            return .damaged
        }
        return .converted(
            Frame(
                packed: format, size: mode.image.size, color: color, info: info, bytes: bytes))
    }

    /// The picture's planes in a buffer; nil when the picture is not whole.
    private func planes(of buffer: DequeuedBuffer) -> [Frame.Plane]? {
        guard !buffer.isDamaged else { return nil }
        if mode.image.pixelFormat.isCompressed {
            guard let memory = buffer.memory(0) else { return nil }
            let bytes = UnsafeRawBufferPointer(start: memory.baseAddress, count: memory.byteCount)
            let isWhole = codedPicture(in: buffer)?.hasSlice == true
            let count = mode.image.pixelFormat == .mjpeg ? bytes.jpegByteCount : isWhole ? bytes.count : nil
            return count.map { [Frame.Plane(baseAddress: memory.baseAddress, byteCount: $0, stride: $0)] }
        }
        for index in 0..<layout.memoryCount {
            guard let memory = buffer.memory(index), memory.byteCount >= layout.byteCount(ofMemory: index) else {
                return nil
            }
        }
        return layout.planes.compactMap { plane in
            guard let memory = buffer.memory(plane.memory) else { return nil }
            return Frame.Plane(
                baseAddress: memory.baseAddress + plane.offset, byteCount: plane.byteCount, stride: plane.stride,
                dmaBuffer: memory.dmaBuffer(at: plane.offset))
        }
    }

    /// The front of an H.264 or H.265 picture; nil for other formats, and for data that is no picture.
    private func codedPicture(in buffer: DequeuedBuffer) -> CodedPicture? {
        guard mode.image.pixelFormat.isInterCoded, let memory = buffer.memory(0) else { return nil }
        let bytes = UnsafeRawBufferPointer(start: memory.baseAddress, count: memory.byteCount)
        return CodedPicture(bytes, isH265: mode.image.pixelFormat == .h265)
    }

    /// Keeps a buffer's contents when it holds parameter sets alone, as some encoders send them before the first picture.
    ///
    /// - Returns: Whether it did; such a buffer is no frame, and does not count as one.
    private func keepParameterSets(of buffer: DequeuedBuffer) -> Bool {
        guard !buffer.isDamaged, let picture = codedPicture(in: buffer), !picture.hasSlice,
            !picture.parameterSets.isEmpty, let memory = buffer.memory(0)
        else { return false }
        let bytes = UnsafeRawBufferPointer(start: memory.baseAddress, count: memory.byteCount)
        pendingParameterSets.withLock { sets in
            // Such sets are a few dozen bytes; a stream of nothing else must not fill the memory.
            if sets.count + bytes.count > 1 << 16 { sets = [] }
            sets += bytes
        }
        sequence.withLock { $0.forgetLast() }
        return true
    }
}

extension Frame {
    /// A copy of a compressed picture with bytes in front; nil when the pool has lent all it may.
    fileprivate func copy(behind front: [UInt8], from pool: BytePool) -> Frame? {
        let count = front.count + packedByteCount
        guard let bytes = pool.take(count) else { return nil }
        front.withUnsafeBytes { front in
            if let start = front.baseAddress { bytes.baseAddress.copyMemory(from: start, byteCount: front.count) }
        }
        copyPacked(to: bytes.baseAddress + front.count)
        let plane = Plane(baseAddress: UnsafeRawPointer(bytes.baseAddress), byteCount: count, stride: count)
        return Frame(
            format: format, size: size, color: color, info: info, planes: [plane], owner: bytes,
            isLoan: bytes.isLimited)
    }
}
