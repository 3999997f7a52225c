// SPDX-License-Identifier: MIT

package import CameraCore
package import CameraOutputs

/// Gives a recording the names of its files, once it is known when their first picture was taken.
package protocol NextFileNames: Sendable {
    /// Whether names tell a moment, and not only a number.
    var tellMoments: Bool { get }

    /// The names for files whose first picture was taken at a moment; the same files until they are used.
    func next(at moment: WallTime) throws(CameraError) -> NextFiles
}

/// The names of files that go together.
package struct NextFiles: Sendable {
    /// What to open.
    package let targets: [OutputKey: OutputTarget]
    /// Called when pictures go there: the names are not given out again.
    package let use: @Sendable () -> Void

    /// Puts them together.
    package init(targets: [OutputKey: OutputTarget], use: @escaping @Sendable () -> Void) {
        self.targets = targets
        self.use = use
    }

    /// Those targets that are not among others.
    func targets(besides others: NextFiles?) -> [OutputKey: OutputTarget] {
        targets.filter { key, target in others?.targets[key].map { "\($0)" } != "\(target)" }
    }
}
