// SPDX-License-Identifier: MIT

package import CameraCore

/// A file of a recording, with those that go with it.
package struct RetainedFile: Hashable {
    /// The file's path.
    package let path: String
    /// Files beside it that go when it goes.
    package var companions: [String] = []
    /// The bytes of all of them.
    package var byteCount: Int
    /// When it was last changed, by the clock of that time.
    package var changed: WallTime
    /// Its number, where numbers tell which file is older.
    package var counter: Int?
    /// Whether somebody answers for it that it stays: it counts, but never goes, however old it is.
    package var isKept = false
    /// Its place among the files of the present recording, which are newer than all others; nil for others.
    package var turn: Int?

    /// Describes a file.
    package init(path: String, byteCount: Int, changed: WallTime) {
        self.path = path
        self.byteCount = byteCount
        self.changed = changed
    }

    /// Whether it is older than another file.
    ///
    /// The clock may have been set back between the two, so that it counts last.
    package func isOlder(than other: RetainedFile) -> Bool {
        if turn != other.turn { return (turn ?? -1) < (other.turn ?? -1) }
        if let counter, let theirs = other.counter, counter != theirs { return counter < theirs }
        return (changed, path) < (other.changed, other.path)
    }

    /// How old it is; nil where its time says nothing of that.
    ///
    /// Boards without a clock of their own begin at 1970, or with the day that their system was built; a time that is still to
    /// come is no better.
    package func age(at now: WallTime) -> Duration? {
        guard changed >= Self.firstTime, changed <= now else { return nil }
        return .nanoseconds(now.nanosecondsSince1970 - changed.nanosecondsSince1970)
    }

    /// The beginning of 2020 in UTC: nothing was recorded by this package before.
    private static let firstTime = WallTime(nanosecondsSince1970: 1_577_836_800_000_000_000)
}
