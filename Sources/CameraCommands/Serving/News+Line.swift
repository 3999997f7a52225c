// SPDX-License-Identifier: MIT

package import CameraServer

extension News {
    /// A line for what somebody who looks after the cameras should know; nil for what is told by other lines.
    package var line: String? {
        guard subject != "file" || event == "finished", subject != "motion" else { return nil }
        let what = subject == "warning" ? "" : " \(subject) \(event)"
        return "\(camera):\(what)\(message.map { (what.isEmpty ? " " : ": ") + $0 } ?? "")"
    }
}
