// SPDX-License-Identifier: MIT

/// Which earlier pictures a compressed picture needs to be decoded.
package enum Lineage: Hashable, Sendable {
    /// None: decoding can start at this picture.
    ///
    /// Where the start is open, pictures that follow it in the stream but are shown before it may need pictures from
    /// before the start.
    case start(isOpen: Bool)
    /// The picture follows a start in the stream but is shown before that start.
    ///
    /// `needsEarlier` tells whether it needs pictures from before the start.
    case leading(needsEarlier: Bool)
    /// None from before the last start.
    case trailing
}

/// Leaves out pictures behind the start of a file that need earlier ones, and that a decoder would not show.
package struct StartFilter: Sendable {
    private var isActive = false

    /// Makes a filter that passes everything.
    package init() {}

    /// Notes that a file begins with this picture.
    package mutating func begin(with lineage: Lineage) { isActive = lineage == .start(isOpen: true) }

    /// Whether the next picture can be decoded in the file that has begun.
    package mutating func admits(_ lineage: Lineage) -> Bool {
        guard isActive else { return true }
        if case .leading(let needsEarlier) = lineage { return !needsEarlier }
        isActive = false
        return true
    }
}
