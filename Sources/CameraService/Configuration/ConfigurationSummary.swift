// SPDX-License-Identifier: MIT

internal import CameraKit
internal import CameraServer

/// What a configuration means, as `--check` prints it: without secrets.
enum ConfigurationSummary {
    /// Several lines: the server, then each camera with all that holds for it.
    static func text(of read: Configuration, _ options: CameraServer.Options, file: String) -> String {
        let count = read.cameras.count
        var lines = ["\(file): no fault; \(count) \(count == 1 ? "camera" : "cameras")"]
        let rtsp = options.rtspPort.map { "RTSP on port \($0)" } ?? "no RTSP"
        let password = options.password == nil ? "without a password" : "with a password"
        lines.append("server: \(options.address), port \(options.port), \(rtsp), \(password)")
        for key in ConfigurationTable.fleet {
            guard let entry = read.fleet.entries[key.path] else { continue }
            // As it stands there, a secret is one also where it is part of an address.
            let isHidden = key.isSecret && entry.texts.contains { $0.written == $0.value }
            lines += isHidden ? ["\(key.path): (not shown)"] : self.lines(of: entry).map { String($0.dropFirst(2)) }
        }
        for plan in read.cameras {
            lines.append("camera \(plan.name):")
            for key in ConfigurationTable.camera {
                guard let entry = plan.values.entries[key.path] else { continue }
                lines += self.lines(of: entry)
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func lines(of entry: ConfigurationValues.Entry) -> [String] {
        // As written: what ${…} stands for may be a secret.
        let texts = entry.texts.map(\.written.withoutSecrets)
        guard case .map = entry.key.form else { return ["  \(entry.key.path): \(texts.joined(separator: "; "))"] }
        return zip(entry.names, texts).map { "  \(entry.key.section).\($0): \($1)" }
    }
}
