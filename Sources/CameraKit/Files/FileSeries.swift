// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

/// Gives the files of a run their places in a series, so that none takes the name of a file that is there.
///
/// The counter goes on behind the highest number among the files that there are, and leaves out names that are taken. A
/// moment that would give a name again gets "-2" in front of the extension. Only a counter that begins where it was told
/// to replaces what earlier runs left, but nothing that this process reads or writes.
///
/// ```swift
/// let series = try FileSeries()
/// let names = try FileTemplate("door-{counter:04d}.jpg")
/// let name = try series.make(names) { name throws(CameraError) in try camera.capture(to: name) }
/// ```
public final class FileSeries: Sendable {
    /// A file's place: what stands in its name.
    public struct Place: Hashable, Sendable {
        /// The number.
        public var counter: Int
        /// The moment of its first picture.
        public var time: WallTime
        /// Which of the files it is whose names would be the same without it, from 1 on.
        public var repetition = 1
    }

    /// Far more than a series can come to, and far from the end of the numbers.
    public static let largestCounter = 1_000_000_000_000_000

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
    ///   - firstCounter: Where the counter begins, replacing files; nil to go on behind those that there are.
    ///   - onTaken: Called the first time that a name was taken, with that name and the one that is used instead.
    /// - Throws: `.invalidValue` for a counter below 0 or beyond 10^15.
    public init(
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

    /// The next place that is free in all templates together.
    ///
    /// It stays the next one until ``use(_:for:)``.
    ///
    /// - Parameters:
    ///   - templates: The names of a file and of those that go with it.
    ///   - time: The moment of its first picture.
    ///   - own: Files that are open for the next place already, and so are there and free.
    /// - Returns: The place.
    /// - Throws: `.output` when there is none.
    public func place(
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

    /// Makes the file of the next place, or of the one after where another program takes its name meanwhile.
    ///
    /// - Parameters:
    ///   - template: The name of the file.
    ///   - make: Makes the file.
    /// - Returns: The file's name.
    /// - Throws: What `make` throws; the place stays the next one.
    public func make(
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

    /// Notes that the files of a place are there: no other file gets their names any more.
    public func use(_ place: Place, for templates: [FileTemplate]) {
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
