// SPDX-License-Identifier: MIT

/// The numbers of a picture: rows of pixels of one or more channels, one after the other without gaps.
///
/// ```swift
/// var pixels = try frame.pixels()
/// pixels[0, 0, 1] = 255
/// let sum = pixels.elements.reduce(0) { $0 + Int($1) }
/// ```
public struct PixelArray<Element: FixedWidthInteger & Sendable>: Sendable, Equatable {
    /// The number of rows of pixels.
    public let rows: Int
    /// The number of pixels in a row.
    public let columns: Int
    /// The number of channels of a pixel.
    public let channels: Int
    /// All numbers: the channels of the first pixel, then those of the one to the right of it, row after row.
    public private(set) var elements: [Element]

    /// Makes an array from its numbers, of which there must be rows × columns × channels.
    public init(rows: Int, columns: Int, channels: Int, elements: [Element]) {
        precondition(rows >= 0 && columns >= 0 && channels >= 0, "an array has no negative sides")
        precondition(
            elements.count == rows * columns * channels, "an array has a number for each channel of each pixel")
        self.rows = rows
        self.columns = columns
        self.channels = channels
        self.elements = elements
    }

    /// Makes an array of the same number everywhere.
    public init(rows: Int, columns: Int, channels: Int, repeating element: Element) {
        self.init(
            rows: rows, columns: columns, channels: channels,
            elements: Array(repeating: element, count: rows * columns * channels))
    }

    /// Makes an array whose numbers are all written by `fill`.
    init(rows: Int, columns: Int, channels: Int, fill: (UnsafeMutablePointer<Element>) -> Void) {
        let count = rows * columns * channels
        let elements = [Element](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            if let start = buffer.baseAddress { fill(start) }
            initializedCount = count
        }
        self.init(rows: rows, columns: columns, channels: channels, elements: elements)
    }

    /// The number of one channel of a pixel; row, column and channel count from 0 and must lie within the array.
    public subscript(row: Int, column: Int, channel: Int) -> Element {
        get { elements[index(row, column, channel)] }
        set { elements[index(row, column, channel)] = newValue }
    }

    /// Lends all numbers, in the order of ``elements``.
    public var span: Span<Element> {
        @_lifetime(borrow self)
        get { elements.span }
    }

    private func index(_ row: Int, _ column: Int, _ channel: Int) -> Int {
        precondition(
            (0..<rows).contains(row) && (0..<columns).contains(column) && (0..<channels).contains(channel),
            "a pixel lies within the array")
        return (row * columns + column) * channels + channel
    }
}
