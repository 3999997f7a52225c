// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Retention against a model of a folder, its disk and the clock, all of which change at random.
///
/// `RETENTION_SEED=… RETENTION_STEPS=…` repeats or lengthens a run.
@Suite struct RetentionModelTests {
    private static let seed = ProcessInfo.processInfo.environment["RETENTION_SEED"].flatMap { UInt64($0) } ?? 18
    private static let steps = ProcessInfo.processInfo.environment["RETENTION_STEPS"].flatMap { Int($0) } ?? 10_000

    private static let bounds: [Retention] = [
        Retention(files: 12), Retention(size: .bytes(5000)), Retention(free: .bytes(4000)),
        Retention(free: .percent(30)),
        Retention(age: .hours(8)), Retention(free: .bytes(2500), size: .bytes(7000), age: .days(1), files: 20),
        Retention(),
    ]

    @Test(arguments: bounds, [true, false])
    func randomFoldersKeepTheirBoundsAndWhatIsNotToGo(retention: Retention, isNumbered: Bool) {
        var random = SeededRandom(seed: Self.seed)
        let world = World(retention, isNumbered: isNumbered)
        var rounds = RetentionRounds(retention, in: world, port: 1, report: world.take)
        for step in 0..<Self.steps {
            let wanted = world.change(&random)
            let outcome = rounds.run(wanted: wanted, begun: world.begun)
            let mistakes = world.mistakes(afterWanting: wanted, hasRemoved: outcome.hasRemoved)
            guard mistakes.isEmpty else {
                Issue.record("seed \(Self.seed), step \(step), \(retention): \(mistakes)")
                return
            }
        }
        // A model in which nothing is ever deleted or kept would show nothing.
        #expect(world.removedCount > Self.steps / 500)
        #expect(world.keptCount > Self.steps / 500)
    }

    /// A disk that frees what was deleted later must not lose more files than it has to.
    @Test func aDiskThatFreesLateLosesNoMoreThanItMust() {
        let retention = Retention(free: .bytes(4000))
        let world = World(retention, isNumbered: true, freesLate: true)
        world.becomeLazy(free: 3900, files: 50, of: 100)
        var rounds = RetentionRounds(retention, in: world, port: 1, report: world.take)
        for _ in 0..<20 { _ = rounds.run(begun: world.begun) }
        #expect(world.removedCount == 1)
    }

    /// What cannot be done is told once, however often it is tried.
    @Test func whatCannotBeDoneIsToldOnce() {
        let world = World(Retention(size: .bytes(100)), isNumbered: true)
        world.becomeLazy(free: 9000, files: 3, of: 100)
        world.refuseAll()
        var rounds = RetentionRounds(Retention(size: .bytes(100)), in: world, port: 1, report: world.take)
        for _ in 0..<5 { #expect(rounds.run(begun: world.begun).next == .seconds(1)) }
        // Each of the three files, and the bound.
        #expect(world.failureCount == 4)
        #expect(world.removedCount == 0)
    }

    /// Only where time alone can break a bound is there a next look without a reason.
    @Test func looksAreOnlyTakenWhereTimeTells() {
        func next(_ retention: Retention, age: Int64) -> Duration? {
            let world = World(retention, isNumbered: true)
            world.becomeLazy(free: 9000, files: 1, of: 100, age: age)
            var rounds = RetentionRounds(retention, in: world, port: 1, report: world.take)
            return rounds.run(begun: world.begun).next
        }
        #expect(next(Retention(), age: 0) == nil)
        #expect(next(Retention(files: 5), age: 0) == nil)
        #expect(next(Retention(free: .bytes(1)), age: 0) == .seconds(1))
        #expect(next(Retention(size: .bytes(5000)), age: 0) == .seconds(1))
        #expect(next(Retention(age: .seconds(100)), age: 70) == .seconds(30))
        #expect(next(Retention(age: .days(1)), age: 70) == .seconds(60))
    }
}

/// A folder that exists only in memory, and notes what is done to it.
private final class World: RetainedFolder {
    enum Protection { case none, inUse, refused }

    struct Entry {
        var file: RetainedFile
        /// The order in which the files came, which no clock changes.
        var order: Int
        var protection = Protection.none
    }

    struct State {
        var entries: [Entry] = []
        var now = WallTime(nanosecondsSince1970: 1_790_000_000_000_000_000)
        /// What others take of the disk.
        var others = 0
        var nextOrder = 0
        var nextCounter = 1
        var begun: [String] = []
        /// The file that is being written; nobody protects it but the rounds themselves.
        var current: String?
        var wanted: Int?
        var mistakes: [String] = []
        var removedCount = 0
        var keptCount = 0
        var failureCount = 0
        /// The free space that is told whatever is deleted.
        var lazyFree: Int?
    }

    static let total = 20_000
    let name = "model"
    let freesLate: Bool
    private let retention: Retention
    private let isNumbered: Bool
    private let state = Mutex(State())

    init(_ retention: Retention, isNumbered: Bool, freesLate: Bool = false) {
        self.freesLate = freesLate
        self.retention = retention
        self.isNumbered = isNumbered
        // What an earlier run has left: its clock was right.
        for index in 0..<30 {
            state.withLock { state in
                add(to: &state, bytes: 100 + index)
                state.now.nanosecondsSince1970 += 1_000_000_000_000
            }
        }
    }

    var now: WallTime { state.withLock(\.now) }
    var space: DiskSpace? { state.withLock { Self.space($0) } }
    var removedCount: Int { state.withLock(\.removedCount) }
    var keptCount: Int { state.withLock(\.keptCount) }
    var failureCount: Int { state.withLock(\.failureCount) }

    func files() -> [RetainedFile] { state.withLock { $0.entries.map(\.file).reversed() } }

    func begun() -> [String] {
        state.withLock { state in
            defer { state.begun = [] }
            return state.begun
        }
    }

    @Sendable func take(_ event: CameraEvent) {
        if case .retentionFailed = event { state.withLock { $0.failureCount += 1 } }
    }

    private static func space(_ state: State) -> DiskSpace {
        DiskSpace(free: state.lazyFree ?? total - state.others - used(state), total: total)
    }

    private static func used(_ state: State) -> Int { state.entries.reduce(0) { $0 + $1.file.byteCount } }

    private func add(to state: inout State, bytes: Int) {
        let path = "f\(state.nextOrder)"
        // No disk takes more than it has.
        let taken = min(bytes, Self.space(state).free)
        var file = RetainedFile(path: path, byteCount: taken, changed: state.now)
        if isNumbered { file.counter = state.nextCounter }
        state.entries.append(Entry(file: file, order: state.nextOrder))
        state.nextOrder += 1
        state.nextCounter += 1
    }

    /// Puts plain files of one size there, on a disk whose free space does not change.
    func becomeLazy(free: Int, files: Int, of bytes: Int, age: Int64 = 0) {
        state.withLock { state in
            state.entries = []
            for _ in 0..<files { add(to: &state, bytes: bytes) }
            state.lazyFree = free
            state.now.nanosecondsSince1970 += age * 1_000_000_000
        }
    }

    func refuseAll() {
        state.withLock { state in for index in state.entries.indices { state.entries[index].protection = .refused } }
    }

    /// Lets something happen; what a full disk does not take, or nil.
    func change(_ random: inout SeededRandom) -> Int? {
        state.withLock { state in
            let second: Int64 = 1_000_000_000
            let some = state.entries.indices.randomElement(using: &random)
            state.wanted = nil
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<5:
                // The next file begins, and its name is told before it is there.
                state.current = "f\(state.nextOrder)"
                state.begun.append("f\(state.nextOrder)")
                add(to: &state, bytes: Int.random(in: 0..<300, using: &random))
            case 5..<9:
                guard let index = state.entries.lastIndex(where: { $0.file.path == state.current }) else { break }
                let more = Int.random(in: 0..<300, using: &random)
                state.entries[index].file.byteCount += min(more, Self.space(state).free)
                state.entries[index].file.changed = state.now
            case 9..<12: state.now.nanosecondsSince1970 += Int64.random(in: 0..<7200, using: &random) * second
            case 12:
                // The clock is set, forth or back, once in a while to 1970.
                let jump = Int64.random(in: -200_000..<200_000, using: &random) * second
                state.now.nanosecondsSince1970 += jump
                if jump % 7 == 0 { state.now.nanosecondsSince1970 = 12 * second }
                if jump % 3 == 0 { state.now.nanosecondsSince1970 = 1_790_000_000 * second }
            case 13, 14:
                if let some { state.entries[some].protection = Bool.random(using: &random) ? .inUse : .refused }
            case 15, 16: for index in state.entries.indices { state.entries[index].protection = .none }
            case 17: if let some, state.entries[some].file.path != state.current { state.entries.remove(at: some) }
            case 18: state.others = Int.random(in: 0...Self.total - Self.used(state), using: &random)
            default: state.wanted = Int.random(in: 0..<1000, using: &random)
            }
            return state.wanted
        }
    }

    func delete(_ file: RetainedFile) -> FileUse.Deletion {
        state.withLock { state in
            guard let index = state.entries.firstIndex(where: { $0.file.path == file.path }) else { return .gone }
            let entry = state.entries[index]
            if entry.file.path == state.current { state.mistakes.append("the file being written was to go") }
            switch entry.protection {
            case .inUse:
                state.keptCount += 1
                return .inUse
            case .refused:
                state.keptCount += 1
                return .refused(CameraError(.output, "deleting", subject: file.path))
            case .none: break
            }
            if !isTooOld(entry, state) {
                if broken(state).isEmpty, state.wanted == nil { state.mistakes.append("\(file.path) went for nothing") }
                let older = state.entries.filter { $0.order < entry.order && mayGo($0, state) }
                if !older.isEmpty { state.mistakes.append("\(file.path) went before \(older.map(\.file.path))") }
            }
            state.entries.remove(at: index)
            state.removedCount += 1
            if let wanted = state.wanted {
                state.wanted = wanted > entry.file.byteCount ? wanted - entry.file.byteCount : nil
            }
            return .done
        }
    }

    private func mayGo(_ entry: Entry, _ state: State) -> Bool {
        entry.file.path != state.current && entry.protection == .none
    }

    private func isTooOld(_ entry: Entry, _ state: State) -> Bool {
        guard let limit = retention.age else { return false }
        let year2020 = WallTime(nanosecondsSince1970: 1_577_836_800_000_000_000)
        guard entry.file.changed >= year2020, entry.file.changed <= state.now else { return false }
        let age = state.now.nanosecondsSince1970 - entry.file.changed.nanosecondsSince1970
        return Duration.nanoseconds(age) > limit
    }

    private func broken(_ state: State) -> [String] {
        var broken: [String] = []
        let space = Self.space(state)
        if let free = retention.free, space.free < free.byteCount(of: space.total) { broken.append("free") }
        if let size = retention.size, Self.used(state) > size.byteCount(of: 0) { broken.append("size") }
        if let files = retention.files, state.entries.count > files { broken.append("files") }
        return broken
    }

    /// What is wrong after a round.
    func mistakes(afterWanting wanted: Int?, hasRemoved: Bool) -> [String] {
        state.withLock { state in
            let deletable = state.entries.filter { mayGo($0, state) }
            let broken = broken(state)
            if !broken.isEmpty, !deletable.isEmpty { state.mistakes.append("broken: \(broken)") }
            if deletable.contains(where: { isTooOld($0, state) }) { state.mistakes.append("a file is too old") }
            if wanted != nil, !hasRemoved, !deletable.isEmpty { state.mistakes.append("a full disk got no room") }
            return state.mistakes
        }
    }
}
