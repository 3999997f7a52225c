// SPDX-License-Identifier: MIT

/// A part of a driver's memory, mapped until the last reference goes; the device may be closed before.
package final class MappedMemory: Sendable {
    private let mapping: SystemCalls.Mapping
    private let calls: SystemCalls

    init(_ mapping: SystemCalls.Mapping, calls: SystemCalls) {
        self.mapping = mapping
        self.calls = calls
    }

    deinit {
        calls.unmap(mapping)
    }

    /// Its first byte; page aligned.
    package var baseAddress: UnsafeMutableRawPointer { mapping.address }

    /// Its length.
    package var byteCount: Int { mapping.byteCount }
}
