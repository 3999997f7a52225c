// SPDX-License-Identifier: MIT

/// Gives the bytes of boxes on in pieces, so that boxes of any length take little memory.
struct BoxPieces {
    private static let byteCount = 1 << 16

    private let give: ([UInt8]) throws -> Void
    private var piece = BoxBytes()

    /// Begins the first piece.
    ///
    /// - Parameter give: Takes each piece.
    init(_ give: @escaping ([UInt8]) throws -> Void) {
        self.give = give
    }

    /// Appends what the closure puts into it, and gives the piece on when it is full.
    ///
    /// - Throws: What taking the piece throws.
    mutating func put(_ content: (inout BoxBytes) -> Void) throws {
        content(&piece)
        if piece.bytes.count >= Self.byteCount { try flush() }
    }

    /// Gives on what there is of a piece.
    ///
    /// - Throws: What taking the piece throws.
    mutating func flush() throws {
        guard !piece.bytes.isEmpty else { return }
        try give(piece.bytes)
        piece.removeAll()
    }
}
