// SPDX-License-Identifier: MIT

import CameraKit
import TestSupport
import Testing

/// The thread that deletes old files, and those that wait for it when their disk is full.
@Suite struct RetentionKeeperTests {
    /// A folder with a file that takes its time to be deleted.
    private final class SlowFolder: RetainedFolder {
        private struct State {
            var count: Int
            var isOpen: Bool
            var deleted = 0
            var lists = 0
        }

        let name = "slow"
        let now = WallTime.now
        let space: DiskSpace? = nil
        let freesLate = false
        private let state: Monitor<State>

        init(files count: Int, isOpen: Bool) {
            state = Monitor(State(count: count, isOpen: isOpen))
        }

        var deleted: Int { state.withLock(\.deleted) }
        var lists: Int { state.withLock(\.lists) }

        /// Lets what waits be deleted.
        func answer() { state.update { $0.isOpen = true } }

        func files() -> [RetainedFile] {
            let count = state.withLock { state in
                state.lists += 1
                return state.count
            }
            return (0..<count).map { RetainedFile(path: "\($0)", byteCount: 10, changed: now) }
        }

        func delete(_ file: RetainedFile) -> FileUse.Deletion {
            state.wait { $0.isOpen ? () : nil }
            state.update { state in
                state.count -= 1
                state.deleted += 1
            }
            return .done
        }
    }

    private func keeper(
        _ folder: SlowFolder, _ retention: Retention = Retention(), timeout: Duration = .seconds(60)
    ) throws -> RetentionKeeper {
        let rounds = RetentionRounds(retention, in: folder, port: 1) { _ in }
        return try RetentionKeeper(rounds, port: 1, timeout: timeout)
    }

    @Test func aFullDiskIsGivenOneFileAfterTheOther() throws {
        let folder = SlowFolder(files: 3, isOpen: true)
        let keeper = try keeper(folder)
        for count in 1...3 {
            #expect(keeper.makeRoom(for: 10))
            #expect(folder.deleted == count)
        }
        // Nothing is left, and the error is the writer's.
        #expect(!keeper.makeRoom(for: 10))
        keeper.end(waiting: true)
        #expect(!keeper.makeRoom(for: 10))
    }

    /// Each of them waits for a round that began after it asked.
    @Test func severalThreadsMayWait() throws {
        let folder = SlowFolder(files: 1000, isOpen: true)
        let keeper = try keeper(folder)
        let threads = try (0..<8).map { _ in
            try WorkerThread("writer") { for _ in 0..<20 { #expect(keeper.makeRoom(for: 10)) } }
        }
        for thread in threads { #expect(thread.join(until: .now + .seconds(60))) }
        #expect((20...160).contains(folder.deleted))
        keeper.end(waiting: true)
    }

    /// A disk that does not answer is waited for as long as stopping a recording is, and holds up no end.
    @Test func aDiskThatDoesNotAnswerIsGivenUp() throws {
        let folder = SlowFolder(files: 3, isOpen: false)
        let keeper = try keeper(folder, timeout: .milliseconds(50))
        #expect(!keeper.makeRoom(for: 10))
        keeper.end(waiting: true)
        #expect(folder.deleted == 0)
        folder.answer()
        #expect(eventually { folder.deleted > 0 })
    }

    /// A recording that wrote nothing deletes nothing.
    @Test func nothingIsDoneBeforeTheFirstFile() throws {
        let folder = SlowFolder(files: 3, isOpen: true)
        let keeper = try keeper(folder, Retention(free: .bytes(1), files: 1))
        keeper.end(waiting: true)
        #expect(folder.lists == 0 && folder.deleted == 0)
    }

    @Test func finishedFilesAreLookedAtAndTheEndIs() throws {
        let folder = SlowFolder(files: 3, isOpen: true)
        let keeper = try keeper(folder, Retention(files: 2))
        keeper.noteFinished()
        #expect(eventually { folder.deleted == 1 })
        keeper.end(waiting: true)
        #expect(folder.lists == 2)
    }
}
