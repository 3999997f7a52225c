// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraImaging
internal import Synchronization

/// The styles of a camera's splitter ports.
struct StyleBook {
    /// A style, and the same checked.
    struct Entry {
        var style = PictureStyle()
        /// Nil for pictures as they come.
        var prepared: PreparedStyle?
    }

    /// Holds for the ports that have none of their own.
    private(set) var common = Entry()
    private var own: [Int: Entry] = [:]
    /// Changes with every change.
    private(set) var version = 0

    var ownPorts: Set<Int> { Set(own.keys) }

    func style(of port: Int?) -> PictureStyle { entry(of: port).style }

    func prepared(of port: Int) -> PreparedStyle? { entry(of: port).prepared }

    mutating func set(_ entry: Entry, of port: Int?) {
        if let port { own[port] = entry } else { common = entry }
        version += 1
    }

    mutating func remove(_ port: Int) {
        own[port] = nil
        version += 1
    }

    private func entry(of port: Int?) -> Entry { port.flatMap { own[$0] } ?? common }
}

/// A camera's styles, for all threads.
final class Styles: Sendable {
    private let book = Mutex(StyleBook())

    func withLock<Result: Sendable>(_ body: (inout StyleBook) -> Result) -> Result {
        book.withLock { body(&$0) }
    }
}
