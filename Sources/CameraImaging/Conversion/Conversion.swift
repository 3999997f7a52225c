// SPDX-License-Identifier: MIT

internal import CameraCore

/// One conversion of a frame, from the frame's memory to the result's.
///
/// The steps: separate the frame into planes of a byte per sample, scale and turn each plane, change the colours, put the
/// planes together. Where a step has nothing to do, the next one reads what the step before wrote or what the frame holds;
/// the last step that has to do something writes to the result itself.
struct Conversion {
    /// What the steps are called in errors.
    static let operation = "converting a frame"

    let frame: Frame
    /// The part of the frame that is converted; its corner lies between two chroma samples.
    let region: PixelRegion
    let format: PixelFormat
    let size: Resolution
    let change: ColorChange
    let turn: Transform.Turn
    let destination: UnsafeMutablePointer<UInt8>
    var scratch: Scratch

    init(
        of frame: Frame, _ region: PixelRegion, to format: PixelFormat, size: Resolution, change: ColorChange,
        turn: Transform.Turn, into bytes: PooledBytes, intermediates: BytePool
    ) {
        self.frame = frame
        self.region = region
        self.format = format
        self.size = size
        self.change = change
        self.turn = turn
        destination = bytes.baseAddress.assumingMemoryBound(to: UInt8.self)
        scratch = Scratch(pool: intermediates)
    }

    /// Fills the result.
    mutating func run() throws(CameraError) {
        switch change {
        case .none where format.isRGB: rearrangeRGB()
        case .none: try rearrangeYUV()
        case .between(let source, let target): try recolorYUV(from: source, to: target)
        case .toRGB(let source): try makeRGB(from: source)
        case .fromRGB(let target): makeYUV(of: target)
        }
    }

    /// Whether pixels stay where they are.
    var keepsGeometry: Bool { region.size == size && turn == Transform.identity.turn }

    /// Scales and turns a plane to the given sides.
    ///
    /// - Parameters:
    ///   - plane: A plane of the source.
    ///   - size: The sides in the result.
    ///   - target: Where the plane must lie in the end; nil for anywhere.
    /// - Returns: The plane, which is the source's own where nothing has to be done.
    mutating func place(_ plane: PlaneView, at size: PlaneSize, on target: PlaneBuffer? = nil) -> PlaneView {
        let turns = turn != Transform.identity.turn
        var upright = size
        if turn.rotation.swapsSides { upright.swapSides() }
        var placed = plane
        while let half = PlaneSize(halving: placed, towards: upright) {
            let halved = scratch.plane(half)
            placed.scale(to: halved)
            placed = halved.view
        }
        if !placed.measures(upright) {
            let scaled = (turns ? nil : target) ?? scratch.plane(upright)
            placed.scale(to: scaled)
            placed = scaled.view
        }
        if turns {
            let turned = target ?? scratch.plane(size)
            placed.turn(turn, to: turned)
            placed = turned.view
        }
        guard let target else { return placed }
        if placed.base != UnsafePointer(target.base) { placed.copy(to: target) }
        return target.view
    }

    /// A plane of these sides: `target` where it has them, intermediate memory otherwise.
    mutating func buffer(_ size: PlaneSize, preferring target: PlaneBuffer?) -> PlaneBuffer {
        if let target, target.view.measures(size) { return target }
        return scratch.plane(size)
    }
}

extension Conversion {
    /// The region of a plane of the frame as rows of samples, of pairs of samples or of pixels, as many as `size` says.
    func view(ofPlane index: Int, size: PlaneSize) -> PlaneView {
        let plane = frame.plane(index)
        var offset = 0
        if let layout = frame.format.layout(ofPlane: index) {
            offset = region.y / layout.pixelsDown * plane.stride
            offset += region.x / layout.pixelsAcross * layout.bytesPerGroup
        }
        return PlaneView(
            base: plane.baseAddress.assumingMemoryBound(to: UInt8.self) + offset, stride: Int32(plane.stride),
            width: size.width, height: size.height)
    }
}

extension PixelRegion {
    /// All of a picture.
    init(whole size: Resolution) {
        self.init(x: 0, y: 0, size: size)
    }

    /// The nearest region of a picture of `size` whose edges lie between chroma samples or at the picture's edges.
    ///
    /// A JPEG picture may share chroma among four pixels across.
    func aligned(in size: Resolution, of format: PixelFormat) -> PixelRegion {
        let groups = (0..<format.planeCount).compactMap { format.layout(ofPlane: $0) }
        let across = format == .mjpeg ? 4 : groups.map(\.pixelsAcross).max() ?? 1
        let down = format == .mjpeg ? 2 : groups.map(\.pixelsDown).max() ?? 1
        func edges(_ start: Int, _ length: Int, _ side: Int, _ step: Int) -> Range<Int> {
            let first = min((start + step / 2) / step * step, (side - 1) / step * step)
            let last = min((start + length + step / 2) / step * step, side)
            return first..<max(last, min(first + step, side))
        }
        let columns = edges(x, self.size.width, size.width, across)
        let rows = edges(y, self.size.height, size.height, down)
        return PixelRegion(
            x: columns.lowerBound, y: rows.lowerBound, size: Resolution(columns.count, rows.count))
    }
}
