// SPDX-License-Identifier: MIT

/// What a compressed picture needs of those before it.
package enum Lineage: Hashable, Sendable {
    /// Nothing: decoding can start here. Where it is open, pictures that come behind it and are shown before it may need
    /// what is before it.
    case start(isOpen: Bool)
    /// It is shown before the start that it comes behind; some need what is before that.
    case leading(needsEarlier: Bool)
    /// What is between the last start and it, at most.
    case trailing
}

/// Leaves out pictures behind the start of a file that need what is before it, and that a decoder would not show.
package struct StartFilter: Sendable {
    private var isActive = false

    /// Passes everything.
    package init() {}

    /// A file begins with this picture.
    package mutating func begin(with lineage: Lineage) { isActive = lineage == .start(isOpen: true) }

    /// Whether the next picture can be decoded in the file that has begun.
    package mutating func admits(_ lineage: Lineage) -> Bool {
        guard isActive else { return true }
        if case .leading(let needsEarlier) = lineage { return !needsEarlier }
        isActive = false
        return true
    }
}
