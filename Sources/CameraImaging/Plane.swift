// SPDX-License-Identifier: MIT

internal import CameraCore

/// Rows of samples of a byte each, to read.
///
/// Sides are `Int32` because that is what libyuv takes.
struct PlaneView {
    let base: UnsafePointer<UInt8>
    let stride: Int32
    let width: Int32
    let height: Int32

    /// The first sample of a row.
    func row(_ index: Int32) -> UnsafePointer<UInt8> { base + Int(index) * Int(stride) }

    /// A region of the picture, of which `sharing` pixels have a sample in this plane.
    func cropped(to region: PixelRegion, sharedBy sharing: Subsampling) -> PlaneView {
        let size = PlaneSize(region.size, sharedBy: sharing)
        return PlaneView(
            base: row(Int32(region.y / sharing.down)) + region.x / sharing.across, stride: stride, width: size.width,
            height: size.height)
    }

    /// Whether the plane has these sides.
    func measures(_ size: PlaneSize) -> Bool { width == size.width && height == size.height }
}

/// Rows of samples of a byte each, to fill.
struct PlaneBuffer {
    let base: UnsafeMutablePointer<UInt8>
    let stride: Int32
    let width: Int32
    let height: Int32

    /// The same rows, to read.
    var view: PlaneView { PlaneView(base: base, stride: stride, width: width, height: height) }

    /// The first sample of a row.
    func row(_ index: Int32) -> UnsafeMutablePointer<UInt8> { base + Int(index) * Int(stride) }

    /// The upper part with this many rows.
    func cropped(toHeight height: Int32) -> PlaneBuffer {
        PlaneBuffer(base: base, stride: stride, width: width, height: height)
    }

    /// Gives every sample the same value.
    func fill(with value: UInt8) {
        for index in 0..<height { row(index).update(repeating: value, count: Int(width)) }
    }
}

/// The sides of a plane in samples.
struct PlaneSize: Hashable {
    var width: Int32
    var height: Int32

    /// Makes sides of their lengths.
    init(width: Int32, height: Int32) {
        self.width = width
        self.height = height
    }

    /// The sides of a plane in which `subsampling` pixels of a picture share a sample.
    init(_ picture: Resolution, sharedBy subsampling: Subsampling = .none) {
        width = Int32((picture.width + subsampling.across - 1) / subsampling.across)
        height = Int32((picture.height + subsampling.down - 1) / subsampling.down)
    }

    /// The sides that a plane has on its way to much smaller ones; nil where one more step leads there.
    ///
    /// A side that shrinks to less than a half is halved first, as often as that is so. Each step then averages all that it
    /// takes in; libyuv's own filter for larger steps rounds down, which tints grey, and wants both sides to shrink.
    init?(halving plane: PlaneView, towards size: PlaneSize) {
        let (halvesWidth, halvesHeight) = (plane.width > 2 * size.width, plane.height > 2 * size.height)
        guard halvesWidth || halvesHeight else { return nil }
        width = halvesWidth ? (plane.width + 1) / 2 : plane.width
        height = halvesHeight ? (plane.height + 1) / 2 : plane.height
    }

    /// The sides of the plane before or after a quarter turn.
    mutating func swapSides() {
        swap(&width, &height)
    }
}

/// How many pixels across and down share a chroma sample.
struct Subsampling: Hashable {
    let across: Int
    let down: Int

    /// Every pixel has its own; 4:4:4.
    static let none = Subsampling(across: 1, down: 1)
    /// 4:2:2.
    static let horizontal = Subsampling(across: 2, down: 1)
    /// 4:2:0.
    static let both = Subsampling(across: 2, down: 2)
}

/// Memory for the steps between a frame and its conversion; all of it goes back to its pool at the end.
struct Scratch {
    private let pool: BytePool
    private var blocks: [PooledBytes] = []

    /// Takes from `pool`, which must have no limit.
    init(pool: BytePool) {
        self.pool = pool
    }

    /// A plane whose rows are padded to multiples of 64 bytes, as SIMD likes them.
    mutating func plane(_ size: PlaneSize) -> PlaneBuffer {
        let stride = (Int(size.width) + 63) & ~63
        return PlaneBuffer(
            base: bytes(stride * Int(size.height)), stride: Int32(stride), width: size.width, height: size.height)
    }

    /// Memory for `count` bytes.
    mutating func bytes(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        guard let block = pool.take(count) else { preconditionFailure("the pool for intermediate planes has a limit") }
        blocks.append(block)
        return block.baseAddress.assumingMemoryBound(to: UInt8.self)
    }
}
