// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

/// Keeps the motion vectors of a recording in memory; used as `motionOutput` of the recording.
///
/// Safe to use from any thread.
public final class MotionArray: MotionAnalysis, @unchecked Sendable {
    // Unchecked as its base is: what it keeps is behind a lock.

    /// The most bytes of motion records that are kept.
    public let limit: Int
    private let fields = Mutex(Fields())

    private struct Fields {
        var list: [MotionField] = []
        var byteCount = 0
    }

    /// Makes an empty array.
    ///
    /// - Parameters:
    ///   - size: The size of the pictures; nil in a recording, which tells it.
    ///   - limit: The most bytes that are kept; a minute of 1280x720 at 30 frames per second needs 26 MB.
    public init(size: Resolution? = nil, limit: Int = 256 << 20) {
        self.limit = limit
        super.init(size: size)
    }

    /// The number of pictures whose vectors are kept.
    public var count: Int { fields.withLock { $0.list.count } }

    /// The vectors of all pictures, in the order in which they are shown.
    public var all: [MotionField] { fields.withLock { $0.list } }

    /// The vectors of a picture.
    ///
    /// - Parameter frame: The picture's index among those that are kept, from 0.
    public subscript(frame: Int) -> MotionField { fields.withLock { $0.list[frame] } }

    /// The vector of a block.
    ///
    /// - Parameters:
    ///   - frame: The picture's index among those that are kept, from 0.
    ///   - row: The block's row from the top, from 0.
    ///   - column: The block's column from the left, from 0.
    public subscript(frame: Int, row: Int, column: Int) -> MotionVector { self[frame][row, column] }

    /// Removes the vectors of all pictures, and returns them.
    @discardableResult
    public func removeAll() -> [MotionField] {
        fields.withLock { fields in
            defer { fields = Fields() }
            return fields.list
        }
    }

    /// Keeps the vectors of a picture.
    ///
    /// - Throws: `.output` when they would pass ``limit``.
    public override func analyze(_ field: MotionField) throws {
        try fields.withLock { fields throws(CameraError) in
            guard fields.byteCount + field.bytes.count <= limit else {
                throw CameraError(
                    .output, "keeping motion vectors", reason: "the limit of \(limit) bytes is reached; raise it")
            }
            fields.list.append(field)
            fields.byteCount += field.bytes.count
        }
    }
}
