// SPDX-License-Identifier: MIT

package import CameraCore

/// The pictures that were written to an output.
package struct FileAccount: Sendable {
    private var frames = 0
    private var bytes = 0
    /// The civil times of the first and the last picture, and their times in the recording.
    private var wall: (first: WallTime, last: WallTime)?
    private var shown = (first: Duration.zero, last: Duration.zero)

    /// Begins without a picture.
    package init() {}

    /// Adds a picture.
    package mutating func add(_ info: PacketInfo, byteCount: Int) {
        frames += 1
        bytes += byteCount
        let time = info.timestamp
        // Pictures may come in another order than they are shown in.
        if let wall {
            self.wall = (min(wall.first, info.wallTime), max(wall.last, info.wallTime))
            shown = (min(shown.first, time), max(shown.last, time))
        } else {
            wall = (info.wallTime, info.wallTime)
            shown = (time, time)
        }
    }

    /// The account of a file that is complete; nil when it has no picture.
    ///
    /// - Parameters:
    ///   - name: The file's path.
    ///   - key: What the file received.
    ///   - interval: The nominal time of a picture.
    /// - Returns: The account.
    package func finished(
        _ name: String, key: OutputKey = .frame, interval: Duration
    ) -> FinishedFile? {
        guard let wall else { return nil }
        return FinishedFile(
            name: name, key: key, frames: frames, bytes: bytes, start: wall.first, end: wall.last,
            duration: duration(interval))
    }

    /// How long the pictures play.
    ///
    /// - Parameter interval: The nominal time of a picture.
    /// - Returns: The time from the first picture to the end of the last.
    func duration(_ interval: Duration) -> Duration { wall == nil ? .zero : shown.last - shown.first + interval }
}
