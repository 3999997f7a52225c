// SPDX-License-Identifier: MIT

public import SystemPackage

/// An error: what failed, on which device or file, why, and what to do about it.
///
/// Errors that users' own code throws (an output, an overridden method) arrive with the original in ``underlying``.
public struct CameraError: Error, Sendable {
    /// The kind of failure.
    public let code: Code
    /// What was being done, as a phrase: "opening the output", "VIDIOC_STREAMON".
    public let operation: String
    /// The device, file or option concerned.
    public let subject: String?
    /// The cause in a sentence, and the remedy where the code's own does not fit.
    public let reason: String?
    /// The system's error, when a system call failed.
    public let systemError: Errno?
    /// The error of other code that caused this one.
    public let underlying: (any Error)?

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - operation: What was being done.
    ///   - subject: The device, file or option concerned.
    ///   - reason: The cause, in words.
    ///   - systemError: The system's error number.
    ///   - underlying: The error of other code that caused this one.
    public init(
        _ code: Code, _ operation: String, subject: String? = nil, reason: String? = nil, systemError: Errno? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.operation = operation
        self.subject = subject
        self.reason = reason
        self.systemError = systemError
        self.underlying = underlying
    }

    /// Wraps an error of other code; a `CameraError` stays as it is.
    public init(wrapping error: any Error, as code: Code, _ operation: String, subject: String? = nil) {
        if let error = error as? CameraError {
            self = error
        } else {
            self.init(
                code, operation, subject: subject, systemError: error as? Errno, underlying: error)
        }
    }
}

extension CameraError {
    /// A kind of failure; later versions may add kinds.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private let name: String
        /// What a user can do about it, as a sentence.
        public let remedy: String?

        private init(_ name: String, _ remedy: String?) {
            self.name = name
            self.remedy = remedy
        }

        /// The text for messages.
        public var description: String { name }

        /// Whether both are the same kind.
        public static func == (left: Code, right: Code) -> Bool { left.name == right.name }

        /// Hashes the kind.
        public func hash(into hasher: inout Hasher) { hasher.combine(name) }

        /// The camera, encoder or output was closed before.
        public static let closed = Code("closed", "Make a new one.")
        /// The task that waited was cancelled; what it waited for goes on.
        public static let cancelled = Code("cancelled", nil)
        /// No recording runs on that port.
        public static let notRecording = Code("notRecording", "Call startRecording first, or name the port in use.")
        /// The port is in use, or the setting cannot change during a recording.
        public static let alreadyRecording = Code("alreadyRecording", "Stop the recording first, or use another port.")
        /// A value is out of its range or malformed.
        public static let invalidValue = Code("invalidValue", nil)
        /// The format is not known or does not fit.
        public static let invalidFormat = Code("invalidFormat", nil)
        /// An option that the format, codec or device does not know.
        public static let unknownOption = Code("unknownOption", nil)
        /// The device, the codec or this version cannot do what was asked.
        public static let unsupported = Code("unsupported", nil)
        /// Another program, or another part of this one, uses the device or file.
        public static let busy = Code("busy", nil)
        /// The system denies the access.
        public static let permissionDenied = Code("permissionDenied", nil)
        /// There is no such device or file.
        public static let notFound = Code("notFound", nil)
        /// The device was unplugged, or failed.
        public static let deviceLost = Code("deviceLost", "Check the cable and the power supply.")
        /// A device or driver failed.
        public static let device = Code("device", nil)
        /// No frame came, or something did not end in time.
        public static let timedOut = Code("timedOut", nil)
        /// Frames are sent faster than the results are received.
        public static let queueFull = Code("queueFull", "Receive what is ready, then send again.")
        /// A channel was not started or was stopped, or an output has no picture yet.
        public static let notStarted = Code("notStarted", "Start it first.")
        /// The source has no more frames.
        public static let sourceEnded = Code("sourceEnded", nil)
        /// The encoder failed.
        public static let codec = Code("codec", nil)
        /// An output failed.
        public static let output = Code("output", nil)
        /// A ring holds no picture that the copy could begin with.
        public static let nothingToCopy = Code("nothingToCopy", "Record for longer, or ask for a longer part.")
        /// A file or stream has data that cannot be read.
        public static let corruptData = Code("corruptData", nil)
        /// A library was left out at build time, or is not installed.
        public static let missingLibrary = Code("missingLibrary", nil)
        /// The call would wait for the thread that makes it.
        public static let wouldDeadlock = Code(
            "wouldDeadlock", "From the callback thread use requestKeyFrame, statistics and beginSplit.")
        /// A system call failed.
        public static let system = Code("system", nil)
    }
}

extension CameraError: CustomStringConvertible {
    /// One sentence or two on one line: what failed, why, and what to do.
    public var description: String {
        var text = operation
        if let subject { text += " '\(subject.shown)'" }
        var causes: [String] = []
        switch (reason, systemError) {
        case (let reason?, let systemError?): causes.append("\(reason) (\(systemError))")
        case (let reason?, nil): causes.append(reason)
        case (nil, let systemError?): causes.append("\(systemError)")
        case (nil, nil): break
        }
        if let underlying, !(underlying is Errno) { causes.append("\(underlying)") }
        if causes.isEmpty { causes.append(code.description) }
        text += ": " + causes.joined(separator: ": ")
        if let remedy = code.remedy {
            text += text.hasSuffix(".") ? " " + remedy : ". " + remedy
        }
        return text.escapingControls()
    }
}
