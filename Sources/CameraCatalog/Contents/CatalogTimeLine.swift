// SPDX-License-Identifier: MIT

/// What there is of a camera in a span of time.
public struct CatalogTimeLine: Hashable, Sendable {
    /// The files that have pictures of the span, the earliest first.
    public var files: [CatalogFile]
    /// The times without pictures that touch the span, whole, the earliest first.
    public var gaps: [CatalogGap]
    /// What happened in the span, the earliest first.
    public var events: [CatalogEvent]
}

/// Where a moment is found.
public struct CatalogPlace: Hashable, Sendable {
    /// The file that has its picture; the first one behind it where nothing was recorded then.
    public var file: CatalogFile
    /// Where in the file it is, from the first picture on.
    public var offset: Duration
    /// The file that goes on behind it; nil while there is none.
    public var next: CatalogFile?
}
