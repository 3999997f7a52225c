// SPDX-License-Identifier: MIT

public import CameraCore

/// Where to write to: the path of a file, or an output that the program made.
///
/// A path is opened and closed by whoever it is given to; an output is flushed in the end, never closed. A string
/// literal is a path.
public enum OutputTarget: Sendable {
    /// The path of a file, which is replaced, or of a FIFO or device.
    case path(String)
    /// An output that the program made and closes.
    case output(any Output)
}

extension OutputTarget: ExpressibleByStringInterpolation {
    /// Takes a literal as a path.
    public init(stringLiteral value: String) {
        self = .path(value)
    }
}

extension OutputTarget {
    /// The format that the file's name tells.
    ///
    /// - Parameter allowed: The formats that there may be.
    /// - Returns: One of `allowed`.
    /// - Throws: `.invalidFormat` when there is no name, or it tells none of `allowed`.
    package func format(among allowed: [MediaFormat]) throws(CameraError) -> MediaFormat {
        let path: String? =
            switch self {
            case .path(let path): path
            case .output(let output): output.name
            }
        guard let path else {
            throw CameraError(
                .invalidFormat, "choosing the format", subject: description,
                reason: "the output has no name whose extension could tell it; name the format")
        }
        return try MediaFormat(forFile: path, among: allowed)
    }
}

extension OutputTarget: CustomStringConvertible {
    /// The path, or the output's description or type, for messages.
    public var description: String {
        switch self {
        case .path(let path): path
        case .output(let output): (output as? any CustomStringConvertible)?.description ?? "\(type(of: output))"
        }
    }
}

/// An output that writes to others.
package protocol CompositeOutput: Output {
    /// How messages call the output that the call which runs waits for; nil when it waits for none.
    var awaited: String? { get }
}

/// An output that can undo its opening while nothing was written, such as delete a file that opening created.
public protocol DiscardableOutput: Output {
    /// Closes the output and, if nothing was written, deletes what opening created; does nothing when it is closed.
    ///
    /// Does not wait for a write that runs on another thread.
    func discard()
}
