// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport

/// Finished files of raw pictures that carry their numbers: each is read once, and stays until it was.
final class NumberedFiles: Sendable {
    /// Whether the first number of a file has to follow the last one of the file before.
    private let isGapless: Bool
    private let state = Mutex(State())

    fileprivate struct State {
        var unread: [FinishedFile] = []
        var names: [String] = []
        var readNames: Set<String> = []
        var pictures = 0
        var next: UInt64 = 0
        var faults: [String] = []
    }

    init(isGapless: Bool = true) { self.isGapless = isGapless }

    /// Files that were told.
    var count: Int { names.count }
    /// Their names, in the order in which they were finished.
    var names: [String] { state.withLock { $0.names } }
    /// Pictures in those that were read.
    var pictures: Int { state.withLock { $0.pictures } }
    /// What is wrong with them, in words.
    var faults: [String] { state.withLock { $0.faults } }

    /// Takes down a file that is finished.
    func note(_ event: CameraEvent) {
        guard case .fileFinished(_, let file) = event else { return }
        state.withLock { state in
            state.unread.append(file)
            state.names.append(file.name)
        }
    }

    /// Whether retention has to leave a file alone.
    func isUnread(_ name: String) -> Bool { state.withLock { !$0.readNames.contains(name) } }

    /// Reads the files that were not read yet.
    func read() throws {
        let unread = state.withLock { state in
            defer { state.unread = [] }
            return state.unread
        }
        for file in unread {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file.name)))
            let numbers = NumberedSource.numbers(in: bytes, frameByteCount: 384)
            state.withLock { $0.take(file, numbers, isGapless: isGapless) }
        }
    }
}

extension NumberedFiles.State {
    fileprivate mutating func take(_ file: FinishedFile, _ numbers: [UInt64], isGapless: Bool) {
        readNames.insert(file.name)
        pictures += numbers.count
        let first = isGapless ? next : numbers.first ?? 0
        if numbers.isEmpty || numbers != Array(first..<first + UInt64(numbers.count)) {
            faults.append("\(file.name) does not have the pictures from \(first) on, one by one")
        }
        if numbers.count != file.frames { faults.append("\(file.name) was told to have \(file.frames) pictures") }
        next = (numbers.last ?? next) + 1
    }
}
