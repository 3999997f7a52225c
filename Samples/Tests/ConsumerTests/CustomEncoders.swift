// SPDX-License-Identifier: MIT

import CameraKit
import Synchronization

/// Records with a codec of the user's.
final class RunLengthEncoder: CookedVideoEncoder, @unchecked Sendable {
    override func makeCodec(format: MediaFormat) throws -> (any Codec)? { RunLengthCodec() }
}

/// Takes a picture with a codec of the user's.
final class RunLengthImageEncoder: CookedOneImageEncoder, @unchecked Sendable {
    override func makeCodec(format: MediaFormat) throws -> (any Codec)? { RunLengthCodec() }
}

/// Takes pictures with a codec of the user's, and notes when it goes on to the next output.
final class RunLengthSeriesEncoder: CookedMultiImageEncoder, @unchecked Sendable {
    // Unchecked because the superclass is open; what this class adds is behind a lock.
    private let turns = Mutex(0)

    var outputsOpened: Int { turns.withLock { $0 } }

    override func makeCodec(format: MediaFormat) throws -> (any Codec)? { RunLengthCodec() }

    override func nextOutput(key: OutputKey) throws {
        turns.withLock { $0 += 1 }
        try super.nextOutput(key: key)
    }
}

/// Notes which hooks are called, and keeps in memory what was to be a file.
final class HookedEncoder: RawVideoEncoder, @unchecked Sendable {
    // Unchecked because the superclass is open; what this class adds is behind a lock.
    private let notes = Mutex<[String]>([])
    let memory = RecordingOutput()

    var hooksCalled: [String] { notes.withLock { $0 } }

    override func openOutput(_ target: OutputTarget, key: OutputKey) throws -> OpenedOutput {
        note("open \(target)")
        return OpenedOutput(memory, isOwned: true, name: "memory")
    }

    override func closeOutput(_ output: OpenedOutput, key: OutputKey) throws {
        note("close \(output.name)")
        try super.closeOutput(output, key: key)
    }

    override func callback(_ packet: Packet) throws -> Bool {
        note("callback \(packet.info.index)")
        return try super.callback(packet)
    }

    /// Wants four pictures, and writes every other of them.
    override func callbackWrite(_ packet: Packet, key: OutputKey) throws -> Bool {
        guard packet.info.index.isMultiple(of: 2) else { return packet.info.index == 3 }
        return try super.callbackWrite(packet, key: key)
    }

    private func note(_ call: String) {
        notes.withLock { $0.append(call) }
    }
}

/// Scales by taking one of several pixels.
struct NearestResizer: Resizer {
    let size: Resolution
    private let pool = BytePool()

    init(size: Resolution) {
        self.size = size
    }

    func resize(_ frame: Frame, to format: PixelFormat, color: ColorSpace) throws -> Frame {
        guard format == frame.format, let byteCount = format.byteCount(of: size), let bytes = pool.take(byteCount)
        else {
            throw CameraError(.unsupported, "resizing", subject: format.name)
        }
        var next = 0
        for index in 0..<frame.planeCount {
            guard let layout = format.layout(ofPlane: index) else { continue }
            let plane = frame.plane(index)
            let source = frame.bytes(ofPlane: index)
            let (rows, columns) = (layout.rows(height: size.height), layout.rowBytes(width: size.width))
            let (sourceRows, sourceColumns) = (
                layout.rows(height: frame.size.height), layout.rowBytes(width: frame.size.width)
            )
            for row in 0..<rows {
                for column in 0..<columns {
                    let offset = row * sourceRows / rows * plane.stride + column * sourceColumns / columns
                    let value = source.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
                    bytes.baseAddress.storeBytes(of: value, toByteOffset: next, as: UInt8.self)
                    next += 1
                }
            }
        }
        return Frame(packed: format, size: size, color: color, info: frame.info, bytes: bytes)
    }
}

/// Scales with a resizer of the user's.
final class NearestEncoder: RawVideoEncoder, @unchecked Sendable {
    override func makeResizer(_ size: Resolution) throws -> any Resizer { NearestResizer(size: size) }
}

/// Goes on in another output from its own callback thread, and tries there what cannot work.
final class SelfSplittingEncoder: RawVideoEncoder, @unchecked Sendable {
    // Unchecked because the superclass is open; what this class adds is behind a lock.
    private let refusals = Mutex<[CameraError.Code]>([])
    let second = RecordingOutput()

    var refusedCalls: [CameraError.Code] { refusals.withLock { $0 } }

    override func callbackWrite(_ packet: Packet, key: OutputKey) throws -> Bool {
        if packet.info.index == 2 {
            let split = try beginSplit(to: .output(second))
            try requestKeyFrame()
            refuse { () throws(CameraError) in _ = try split.wait() }
            refuse { () throws(CameraError) in _ = try wait() }
            refuse { () throws(CameraError) in try stop() }
        }
        return try super.callbackWrite(packet, key: key)
    }

    private func refuse(_ call: () throws(CameraError) -> Void) {
        do throws(CameraError) {
            try call()
        } catch {
            refusals.withLock { $0.append(error.code) }
        }
    }
}
