// SPDX-License-Identifier: MIT

package import CameraCore

extension Packet {
    /// Copies a picture's bytes, for outputs that keep them.
    package init(copying bytes: RawSpan, _ info: PacketInfo) {
        let copy = CopiedBytes(count: bytes.byteCount)
        bytes.withUnsafeBytes { copy.memory.copyMemory(from: $0) }
        self.init(bytes: copy.bytes, info: info)
    }

    /// The same picture with the stream's parameter sets in front, unless it has some.
    func withHeaders(_ parameterSets: [UInt8]) -> Packet {
        guard info.headerByteCount == 0, !parameterSets.isEmpty else { return self }
        let copy = CopiedBytes(count: parameterSets.count + bytes.count)
        parameterSets.withUnsafeBytes { copy.memory.copyMemory(from: $0) }
        bytes.span.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(rebasing: copy.memory[parameterSets.count...]).copyMemory(from: $0)
        }
        var info = info
        info.headerByteCount = parameterSets.count
        return Packet(bytes: copy.bytes, info: info)
    }
}

/// Memory for a picture.
private final class CopiedBytes: @unchecked Sendable {
    // Unchecked: written only by who makes it, before it is shared.
    let memory: UnsafeMutableRawBufferPointer

    init(count: Int) {
        memory = .allocate(byteCount: count, alignment: 16)
    }

    deinit {
        memory.deallocate()
    }

    /// The memory as the bytes of a packet that keeps it.
    var bytes: PacketBytes {
        // Even an allocation of zero bytes has an address.
        guard let start = memory.baseAddress else { preconditionFailure("an allocation without an address") }
        return PacketBytes(baseAddress: UnsafeRawPointer(start), count: memory.count, owner: self)
    }
}
