// SPDX-License-Identifier: MIT

/// A part of a driver's memory, mapped until the last reference goes; the device may be closed before.
package final class MappedMemory: Sendable {
    /// The same memory as a dma-buf for other devices, open as long as the mapping; nil where it is not shared.
    package let descriptor: Int32?
    private let mapping: SystemCalls.Mapping
    private let calls: SystemCalls

    init(_ mapping: SystemCalls.Mapping, descriptor: Int32?, calls: SystemCalls) {
        self.mapping = mapping
        self.descriptor = descriptor
        self.calls = calls
    }

    deinit {
        calls.unmap(mapping)
        if let descriptor { calls.close(descriptor) }
    }

    /// Its first byte; page aligned.
    package var baseAddress: UnsafeMutableRawPointer { mapping.address }

    /// Its length.
    package var byteCount: Int { mapping.byteCount }
}
