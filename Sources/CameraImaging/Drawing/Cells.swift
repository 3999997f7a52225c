// SPDX-License-Identifier: MIT

/// Memory for numbers that are written once, by their maker, and read from then on.
final class Cells<Element: BitwiseCopyable>: @unchecked Sendable {
    // Unchecked: written by its maker alone before it is shared, read only afterwards.
    let base: UnsafeMutablePointer<Element>
    let count: Int

    /// Memory full of `value`.
    init(repeating value: Element, count: Int) {
        base = .allocate(capacity: count)
        base.initialize(repeating: value, count: count)
        self.count = count
    }

    deinit { base.deallocate() }
}
