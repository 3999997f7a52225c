// SPDX-License-Identifier: MIT

import CameraCore
import CameraOutputs
import Foundation

/// What tests write: a description of a stream, and pictures of given bytes.
enum Pictures {
    static func stream(parameterSets: [UInt8] = []) -> StreamDescription {
        StreamDescription(
            format: .h264, size: .vga, frameRate: 30, color: .bt709, parameterSets: parameterSets)
    }

    static func info(
        _ index: Int64, _ type: FrameType = .key, at time: Duration? = nil, decodedAt: Duration? = nil,
        headerByteCount: Int = 0
    ) -> PacketInfo {
        let time = time ?? .seconds(index)
        return PacketInfo(
            index: index, type: type, timestamp: time, decodeTimestamp: decodedAt,
            sensorTime: Timestamp(nanoseconds: 0),
            wallTime: WallTime(nanosecondsSince1970: 0), headerByteCount: headerByteCount)
    }

    static func packet(_ bytes: [UInt8], _ info: PacketInfo) -> Packet {
        let owner = Bytes(bytes)
        return Packet(
            bytes: PacketBytes(baseAddress: owner.address, count: bytes.count, owner: owner), info: info)
    }

    private final class Bytes: @unchecked Sendable {
        let address: UnsafeRawPointer
        init(_ bytes: [UInt8]) {
            let memory = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
            bytes.withUnsafeBytes {
                memory.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(memory), byteCount: $0.count)
            }
            address = UnsafeRawPointer(memory)
        }
        deinit { address.deallocate() }
    }
}

extension Output {
    /// Writes pictures a second apart: K a key frame with a header, k one without, f one that needs others.
    @discardableResult
    func take(_ letters: String, from first: Int = 0) throws -> Int {
        for (number, letter) in letters.enumerated() {
            let index = Int64(first + number)
            switch letter {
            case "K": try write(Pictures.packet(Array("hkk".utf8), Pictures.info(index, .key, headerByteCount: 1)))
            case "k": try write(Pictures.packet(Array("kk".utf8), Pictures.info(index, .key)))
            default: try write(Pictures.packet([UInt8(ascii: "f")], Pictures.info(index, .predicted)))
            }
        }
        return first + letters.count
    }

    /// Writes bytes as one picture.
    func put(_ bytes: [UInt8], _ info: PacketInfo = Pictures.info(0)) throws {
        try write(bytes.span.bytes, info)
    }

    /// Writes text as one picture.
    func put(_ text: String, _ info: PacketInfo = Pictures.info(0)) throws {
        try put(Array(text.utf8), info)
    }
}

/// What a file holds.
func contents(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Text of bytes.
func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// An output that holds its writer back until it is told to go on.
final class GatedOutput: Output {
    private let monitor = Monitor((isOpen: false, entered: 0, data: [UInt8](), ended: false))

    func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
        monitor.update { $0.entered += 1 }
        monitor.wait { $0.isOpen ? () : nil }
        let copy = bytes.withUnsafeBytes { Array($0) }
        monitor.update { $0.data += copy }
    }

    func end() throws { monitor.update { $0.ended = true } }

    /// Lets writes through.
    func open() { monitor.update { $0.isOpen = true } }
    /// Waits until a write is held back.
    func waitUntilEntered() { monitor.wait { $0.entered > 0 ? () : nil } }
    /// Waits until a number of bytes came through.
    func wait(forBytes count: Int) { monitor.wait { $0.data.count >= count ? () : nil } }
    var data: [UInt8] { monitor.withLock { $0.data } }
    var hasEnded: Bool { monitor.withLock { $0.ended } }
}

/// An error that is not ours.
struct ForeignError: Error, Equatable {
    var number: Int
}
