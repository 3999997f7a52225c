// SPDX-License-Identifier: MIT

/// The motion vectors of one frame, in picamera's layout.
///
/// The picture is divided into blocks of 16 x 16 pixels; those at the right and lower edges may be smaller. A record
/// has one row of vectors for each row of blocks: one vector for each block, and at the end of the row one zero vector.
/// A vector takes four bytes: x, y, and the sum of absolute differences with its low byte first.
public struct MotionField: Hashable, Sendable {
    /// Rows of vectors: the picture's height divided by 16, rounded up.
    public let rows: Int
    /// Vectors in a row: the picture's width divided by 16, rounded up, and one more, which is always zero.
    public let columns: Int
    /// The record as it is written: ``rows`` times ``columns`` vectors of four bytes.
    public private(set) var bytes: [UInt8]
    /// The number, kind and times of the picture; nil for vectors that do not come from a recording.
    public var info: PacketInfo?

    /// The side of the square block of pixels that a vector stands for.
    public static let blockSide = 16
    /// Bytes of a vector in a record.
    public static let bytesPerVector = 4

    /// Makes the vectors of a picture in which nothing moved.
    public init(of size: Resolution) {
        (rows, columns) = Self.shape(of: size)
        bytes = [UInt8](repeating: 0, count: rows * columns * Self.bytesPerVector)
    }

    /// Reads a record.
    ///
    /// - Parameters:
    ///   - record: The bytes of one frame.
    ///   - size: The size of the pictures.
    ///   - info: The number, kind and times of the picture.
    /// - Throws: `.invalidValue` when the length of the record does not fit the size of the pictures.
    public init(record: RawSpan, size: Resolution, info: PacketInfo? = nil) throws(CameraError) {
        (rows, columns) = Self.shape(of: size)
        let count = rows * columns * Self.bytesPerVector
        guard record.byteCount == count else {
            throw CameraError(
                .invalidValue, "reading motion vectors",
                reason: "the record has \(record.byteCount) bytes instead of the \(count) of a picture of \(size)")
        }
        bytes = record.withUnsafeBytes { [UInt8]($0) }
        self.info = info
    }

    /// The rows and columns of vectors that pictures of this size have, the column of zeros included.
    public static func shape(of size: Resolution) -> (rows: Int, columns: Int) {
        ((size.height + blockSide - 1) / blockSide, (size.width + blockSide - 1) / blockSide + 1)
    }

    /// A block's vector.
    ///
    /// - Parameters:
    ///   - row: The block's row from the top, from 0.
    ///   - column: The block's column from the left, from 0.
    public subscript(row: Int, column: Int) -> MotionVector {
        get {
            let start = offset(row, column)
            return MotionVector(
                x: Int8(bitPattern: bytes[start]), y: Int8(bitPattern: bytes[start + 1]),
                sad: UInt16(bytes[start + 2]) | UInt16(bytes[start + 3]) << 8)
        }
        set {
            let start = offset(row, column)
            bytes[start] = UInt8(bitPattern: newValue.x)
            bytes[start + 1] = UInt8(bitPattern: newValue.y)
            bytes[start + 2] = UInt8(truncatingIfNeeded: newValue.sad)
            bytes[start + 3] = UInt8(truncatingIfNeeded: newValue.sad >> 8)
        }
    }

    private func offset(_ row: Int, _ column: Int) -> Int {
        precondition((0..<rows).contains(row) && (0..<columns).contains(column), "there is no such block")
        return (row * columns + column) * Self.bytesPerVector
    }
}
