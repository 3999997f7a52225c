// SPDX-License-Identifier: MIT

package import CameraCore
internal import Synchronization

/// Chooses the counters and times in the names of a series of files, so that no file takes the name of an existing one.
///
/// The counter starts after the highest number among the existing files, and skips names that are taken. Where the time
/// would give a name again, "-2", "-3" and so on stand in front of the extension. A series with a given first counter
/// replaces files that earlier runs left, but none that this process reads or writes.
///
/// ```swift
/// let series = try FileSeries()
/// let names = try FileTemplate("door-{counter:04d}.jpg")
/// let name = try series.make(names) { name throws(CameraError) in try camera.capture(to: name) }
/// ```
package final class FileSeries: Sendable {
    /// The place of a file in the series: the counter and the time in its name.
    package struct Place: Hashable, Sendable {
        /// The file's number.
        package var counter: Int
        /// The time of the file's first picture.
        package var time: WallTime
        /// The file's number, from 1, among files that have the same time in their names; written into names from 2 on.
        package var repetition = 1
    }

    /// The largest counter that a series may have: 10^15.
    package static let largestCounter = 1_000_000_000_000_000

    private let firstCounter: Int?
    private let onTaken: @Sendable (_ name: String, _ instead: String) -> Void
    private let state = Mutex(State())

    private struct State {
        var nextCounter: Int?
        /// The last names without a counter, as they were before anything was added, and how often they were used.
        var repeated: (names: [String], count: Int) = ([], 0)
        var hasTold = false
    }

    /// Begins a series.
    ///
    /// - Parameters:
    ///   - firstCounter: The number of the first file, from which on existing files are replaced; nil to start after the
    ///     highest existing number.
    ///   - onTaken: Called the first time that a name was taken, with that name and the one that is used instead.
    /// - Throws: `.invalidValue` for a counter below 0 or beyond 10^15.
    package init(
        firstCounter: Int? = nil,
        onTaken: @escaping @Sendable (_ name: String, _ instead: String) -> Void = { _, _ in }
    ) throws(CameraError) {
        if let firstCounter, !(0...Self.largestCounter).contains(firstCounter) {
            throw CameraError(
                .invalidValue, "numbering the files", subject: "\(firstCounter)",
                reason: "the first number is from 0 to \(Self.largestCounter)")
        }
        self.firstCounter = firstCounter
        self.onTaken = onTaken
    }

    /// Whether existing files are replaced, from a given number on, so that their numbers tell nothing about their age.
    package var isRenumbered: Bool { firstCounter != nil }

    /// The next place whose names are free in all templates together.
    ///
    /// The place stays the next one until ``use(_:for:)`` marks it as used.
    ///
    /// - Parameters:
    ///   - templates: The templates of a file's name, and of the names of files beside it.
    ///   - time: The time of the file's first picture.
    ///   - own: Files that this process has opened for the next place already; their names count as free.
    /// - Returns: The place.
    /// - Throws: `.output` when no name is left.
    package func place(
        for templates: [FileTemplate], at time: WallTime = .now, own: Set<String> = []
    ) throws(CameraError) -> Place {
        let templates = templates.filter(\.isSeries)
        let numbered = templates.filter(\.hasCounter)
        let timed = templates.filter { !$0.hasCounter }
        let (known, repeated) = state.withLock { ($0.nextCounter, $0.repeated) }
        var place = Place(counter: known ?? firstCounter ?? Self.first(of: numbered, at: time), time: time)
        let wanted = place
        if timed.map({ $0.name(of: place) }) == repeated.names { place.repetition = repeated.count + 1 }
        func isTaken(_ template: FileTemplate) -> Bool {
            let name = template.name(of: place)
            if own.contains(name), FileClaim.isInUse(name) { return false }
            return firstCounter != nil && template.hasCounter ? FileClaim.isInUse(name) : FileTemplate.exists(name)
        }
        while true {
            let (isNumberTaken, isTimeTaken) = (numbered.contains(where: isTaken), timed.contains(where: isTaken))
            guard isNumberTaken || isTimeTaken else { break }
            if isNumberTaken { place.counter += 1 }
            if isTimeTaken { place.repetition += 1 }
            guard place.counter <= Self.largestCounter, place.repetition <= 1_000_000 else {
                throw CameraError(
                    .output, "naming a file", subject: templates.first?.name(of: place),
                    reason: "no name is left; record into another folder")
            }
        }
        let isFirstNews = state.withLock { state in
            defer { state.hasTold = state.hasTold || place != wanted }
            return place != wanted && !state.hasTold
        }
        if isFirstNews, let template = templates.first(where: { $0.name(of: place) != $0.name(of: wanted) }) {
            onTaken(template.name(of: wanted), template.name(of: place))
        }
        return place
    }

    /// Makes the file of the next place; where another program takes its name meanwhile, the file of the place after.
    ///
    /// - Parameters:
    ///   - template: The name of the file.
    ///   - make: Makes the file.
    /// - Returns: The file's name.
    /// - Throws: What `make` throws; the place stays the next one.
    package func make(
        _ template: FileTemplate, _ make: (String) throws(CameraError) -> Void
    ) throws(CameraError) -> String {
        var attempts = 0
        while true {
            let place = try place(for: [template])
            let name = template.name(of: place)
            do throws(CameraError) {
                try make(name)
                use(place, for: [template])
                return name
            } catch  where error.code == .busy && template.isSeries && attempts < 10 {
                attempts += 1
            }
        }
    }

    /// The number behind those of the files that there are.
    private static func first(of templates: [FileTemplate], at time: WallTime) -> Int {
        (templates.map { $0.lastCounter(at: time) }.max() ?? 0) + 1
    }

    /// Marks a place as used: no other file of the series gets its names.
    package func use(_ place: Place, for templates: [FileTemplate]) {
        let timed = templates.filter { $0.isSeries && !$0.hasCounter }
        var first = place
        first.repetition = 1
        let names = timed.map { $0.name(of: first) }
        state.withLock { state in
            state.nextCounter = place.counter + 1
            state.repeated = (names, place.repetition)
        }
    }
}
