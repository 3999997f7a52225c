// SPDX-License-Identifier: MIT

internal import Synchronization

/// A picture from a source, or converted from one: a reference-counted view of a device's or the program's memory.
///
/// A frame does not change while anybody holds it, and holding it keeps its memory: a device's buffer goes back to the
/// driver when the last reference is released. To keep many frames, or keep them for long, keep copies made by
/// ``copy(from:)``. Safe to use from any thread.
public final class Frame: @unchecked Sendable {
    // Unchecked: only a pool changes it, when nobody else holds it.

    private var content: Content
    private let derived = Mutex<[DerivationKey: Frame]>([:])

    /// The contents of a frame, which a pool can exchange.
    struct Content: Sendable {
        let format: PixelFormat
        let size: Resolution
        let color: ColorSpace
        let info: FrameInfo
        let isLoan: Bool
        let planes: InlineArray<3, Plane?>
        /// Keeps the memory alive; nil in a pool.
        var owner: (any AnyObject & Sendable)?
    }

    /// The pixel format.
    public var format: PixelFormat { content.format }
    /// The picture's size in pixels.
    public var size: Resolution { content.size }
    /// The colour space.
    public var color: ColorSpace { content.color }
    /// The frame's time, number and metadata.
    public var info: FrameInfo { content.info }
    /// Whether the memory is one of a limited number of buffers, of a device or a bounded pool.
    package var isLoan: Bool { content.isLoan }

    /// One plane of a frame: the memory of its rows.
    public struct Plane: @unchecked Sendable {
        // Unchecked: the frame's owner keeps the memory alive, and nobody writes to it.

        /// The first byte of the first row.
        public let baseAddress: UnsafeRawPointer
        /// Bytes from `baseAddress` to the end of the last row.
        public let byteCount: Int
        /// Bytes from one row to the next.
        public let stride: Int
        /// The same memory as a dma-buf, for other devices; nil where the memory cannot be shared.
        public let dmaBuffer: DMABuffer?

        /// Describes a plane.
        public init(
            baseAddress: UnsafeRawPointer, byteCount: Int, stride: Int, dmaBuffer: DMABuffer? = nil
        ) {
            self.baseAddress = baseAddress
            self.byteCount = byteCount
            self.stride = stride
            self.dmaBuffer = dmaBuffer
        }
    }

    /// Makes a frame over memory that `owner` keeps alive.
    ///
    /// - Parameters:
    ///   - format: The pixel format; `planes` must match its ``PixelFormat/planeCount``.
    ///   - size: The picture's size.
    ///   - color: The colour space.
    ///   - info: The frame's time, number and metadata.
    ///   - planes: At most three planes, the luma or the only one first.
    ///   - owner: Keeps the memory alive; its `deinit` gives the memory back.
    ///   - isLoan: Whether the memory is one of a limited number of buffers.
    public convenience init(
        format: PixelFormat, size: Resolution, color: ColorSpace, info: FrameInfo, planes: [Plane],
        owner: any AnyObject & Sendable, isLoan: Bool = false
    ) {
        precondition((1...3).contains(planes.count), "a frame has one to three planes")
        var list = InlineArray<3, Plane?>(repeating: nil)
        for index in planes.indices { list[index] = planes[index] }
        self.init(
            Content(
                format: format, size: size, color: color, info: info, isLoan: isLoan, planes: list, owner: owner))
    }

    /// Makes a frame whose planes lie one after the other, without padding, in a pool's memory.
    ///
    /// ``BytePool/frame(packed:size:color:info:bytes:)`` does the same without asking the allocator each time.
    ///
    /// - Parameters:
    ///   - format: A format that is not compressed.
    ///   - size: The picture's size.
    ///   - color: The colour space.
    ///   - info: The frame's time, number and metadata.
    ///   - bytes: The memory, already filled.
    public convenience init(
        packed format: PixelFormat, size: Resolution, color: ColorSpace, info: FrameInfo, bytes: PooledBytes
    ) {
        self.init(Content(packed: format, size: size, color: color, info: info, bytes: bytes))
    }

    init(_ content: Content) {
        self.content = content
    }

    /// Releases the memory and the cached conversions; called by the pool, when nobody else holds the frame.
    func empty() {
        guard content.owner != nil else { return }
        content.owner = nil
        derived.withLock { if !$0.isEmpty { $0.removeAll(keepingCapacity: true) } }
    }

    /// Takes other contents; called by the pool, when nobody else holds the frame.
    func fill(with content: Content) {
        empty()
        self.content = content
    }

    /// The number of planes: 1 to 3, or 0 for a format whose layout is not known.
    public var planeCount: Int { format.planeCount }

    /// The memory of a plane, valid while the frame is kept; traps when there is no such plane.
    public func plane(_ index: Int) -> Plane {
        guard let plane = content.planes[index] else { preconditionFailure("the frame has no plane \(index)") }
        return plane
    }

    /// The bytes of a plane, padding included; valid while the frame is kept.
    @_lifetime(borrow self)
    public func bytes(ofPlane index: Int) -> RawSpan {
        let plane = plane(index)
        let span = RawSpan(_unsafeStart: plane.baseAddress, byteCount: plane.byteCount)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// Whether the planes lie one after the other without any padding, as raw files have them.
    package var isPacked: Bool {
        var next = plane(0).baseAddress
        for index in 0..<planeCount {
            guard let layout = format.layout(ofPlane: index) else { return true }
            let plane = plane(index)
            guard plane.baseAddress == next, plane.stride == layout.rowBytes(width: size.width) else { return false }
            next += plane.stride * layout.rows(height: size.height)
        }
        return true
    }

    /// Writes the picture without any padding, plane after plane.
    ///
    /// - Parameter destination: Room for ``packedByteCount`` bytes.
    public func copyPacked(to destination: UnsafeMutableRawPointer) {
        guard hasLayout else {
            return destination.copyMemory(from: plane(0).baseAddress, byteCount: plane(0).byteCount)
        }
        var destination = destination
        for index in 0..<planeCount {
            let plane = plane(index)
            guard let layout = format.layout(ofPlane: index) else { return }
            let rowBytes = layout.rowBytes(width: size.width)
            let rows = layout.rows(height: size.height)
            if plane.stride == rowBytes {
                destination.copyMemory(from: plane.baseAddress, byteCount: rowBytes * rows)
                destination += rowBytes * rows
            } else {
                for row in 0..<rows {
                    destination.copyMemory(from: plane.baseAddress + row * plane.stride, byteCount: rowBytes)
                    destination += rowBytes
                }
            }
        }
    }

    /// Whether rows can be told apart; not those of compressed pictures and of a sensor's raw data.
    private var hasLayout: Bool { format.layout(ofPlane: 0) != nil }

    /// Bytes of the picture without padding; of a compressed picture, its length.
    public var packedByteCount: Int { format.byteCount(of: size) ?? plane(0).byteCount }

    /// A copy of the frame in a pool's memory; nil when ``BytePool/limit`` blocks are in use.
    public func copy(from pool: BytePool) -> Frame? {
        guard let bytes = pool.take(packedByteCount) else { return nil }
        copyPacked(to: bytes.baseAddress)
        if !hasLayout {
            // The rows of a sensor's raw data keep their padding.
            let stride = format.isCompressed ? packedByteCount : plane(0).stride
            let plane = Plane(
                baseAddress: UnsafeRawPointer(bytes.baseAddress), byteCount: packedByteCount, stride: stride)
            return Frame(
                format: format, size: size, color: color, info: info, planes: [plane], owner: bytes,
                isLoan: bytes.isLimited)
        }
        return pool.frame(packed: format, size: size, color: color, info: info, bytes: bytes)
    }
}

extension Frame.Content {
    init(packed format: PixelFormat, size: Resolution, color: ColorSpace, info: FrameInfo, bytes: PooledBytes) {
        var planes = InlineArray<3, Frame.Plane?>(repeating: nil)
        var offset = 0
        for index in 0..<format.planeCount {
            guard let layout = format.layout(ofPlane: index) else {
                preconditionFailure("compressed pictures have no packed layout")
            }
            let stride = layout.rowBytes(width: size.width)
            let byteCount = stride * layout.rows(height: size.height)
            planes[index] = Frame.Plane(
                baseAddress: UnsafeRawPointer(bytes.baseAddress + offset), byteCount: byteCount, stride: stride)
            offset += byteCount
        }
        self.init(
            format: format, size: size, color: color, info: info, isLoan: bytes.isLimited, planes: planes, owner: bytes)
    }
}

extension Frame {
    /// The key by which a conversion of a frame is cached.
    package struct DerivationKey: Hashable, Sendable {
        package let format: PixelFormat
        package let size: Resolution
        package let color: ColorSpace
        /// The serial number of the style that the picture was drawn with; 0 for none.
        package let style: UInt64

        package init(format: PixelFormat, size: Resolution, color: ColorSpace, style: UInt64 = 0) {
            self.format = format
            self.size = size
            self.color = color
            self.style = style
        }
    }

    /// A cached conversion; nil when there is none.
    package func derived(_ key: DerivationKey) -> Frame? {
        derived.withLock { $0[key] }
    }

    /// Caches a conversion for others who want the same; it lives as long as this frame.
    package func keep(_ frame: Frame, as key: DerivationKey) {
        derived.withLock { $0[key] = frame }
    }
}
