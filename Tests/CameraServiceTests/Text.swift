// SPDX-License-Identifier: MIT

import CameraService

/// Configurations as tests write them.
enum Text {
    /// Reads a text without variables of the environment but the given ones.
    static func read(_ text: String, _ environment: [String: String] = [:]) throws(ConfigurationFaults) -> Configuration
    {
        try Configuration(text, file: "a.yaml", environment: { environment[$0] })
    }

    /// The lines of what is wrong with a text; empty for one without a fault.
    static func faults(_ text: String, _ environment: [String: String] = [:]) -> [String] {
        do throws(ConfigurationFaults) {
            _ = try read(text, environment)
            return []
        } catch {
            return error.lines
        }
    }

    /// A camera with lines of its own, indented by four spaces.
    static func camera(_ lines: String) -> String { "cameras:\n  hall:\n    source: test\n\(lines)" }
}
