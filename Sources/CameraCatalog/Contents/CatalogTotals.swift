// SPDX-License-Identifier: MIT

/// What there is of a camera in all.
public struct CatalogTotals: Hashable, Sendable {
    /// The number of files.
    public var files: Int
    /// The bytes of all files.
    public var bytes: Int
}
