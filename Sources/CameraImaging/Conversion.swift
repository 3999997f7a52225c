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
    let format: PixelFormat
    let size: Resolution
    let change: ColorChange
    let turn: Transform.Turn
    let destination: UnsafeMutablePointer<UInt8>
    var scratch: Scratch

    init(
        of frame: Frame, to format: PixelFormat, size: Resolution, change: ColorChange, turn: Transform.Turn,
        into bytes: PooledBytes, intermediates: BytePool
    ) {
        self.frame = frame
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
    var keepsGeometry: Bool { frame.size == size && turn == Transform.identity.turn }

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

extension Frame {
    /// The plane as rows of samples, of pairs of samples or of pixels, as many as `size` says.
    func view(ofPlane index: Int, size: PlaneSize) -> PlaneView {
        let plane = plane(index)
        return PlaneView(
            base: plane.baseAddress.assumingMemoryBound(to: UInt8.self), stride: Int32(plane.stride),
            width: size.width, height: size.height)
    }
}
