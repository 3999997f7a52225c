// SPDX-License-Identifier: MIT

/// What a machine has, and lacks, for recording its cameras, and the commands that mend it.
///
/// ```swift
/// let diagnosis = Diagnosis.ofThisMachine(recordingTo: "clips")
/// for finding in diagnosis.findings where finding.verdict == .trouble { print(finding.message, finding.remedy ?? "") }
/// ```
///
/// Nothing is changed; each video device is opened for a moment.
public struct Diagnosis: Sendable, Hashable {
    /// All that was found, cameras first.
    public let findings: [Finding]

    /// Whether nothing stands in the way of recording.
    public var isFine: Bool { !findings.contains { $0.verdict == .trouble } }

    /// Looks at this machine; takes a moment, and any thread may.
    ///
    /// - Parameter folder: The folder that recordings are to go to.
    /// - Returns: What was found.
    public static func ofThisMachine(recordingTo folder: String = ".") -> Diagnosis {
        Diagnosis(of: DiagnosedMachine(), recordingTo: folder)
    }

    /// Looks at a machine.
    package init(of machine: DiagnosedMachine, recordingTo folder: String) {
        var findings = machine.cameraFindings
        findings += machine.libraryFindings
        findings += machine.diskFindings(folder)
        findings.append(machine.clockFinding)
        findings.append(machine.memoryFinding)
        self.findings = findings
    }
}

extension Diagnosis: Encodable {
    /// Writes `isFine` and `findings`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(isFine, forKey: .isFine)
        try container.encode(findings, forKey: .findings)
    }

    private enum Key: CodingKey { case isFine, findings }
}
