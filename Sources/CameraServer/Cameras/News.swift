// SPDX-License-Identifier: MIT

internal import CameraCore
package import CameraKit

/// Something that happened to a camera, as the page and other programs are told.
package struct News: Encodable, Sendable {
    /// The camera's name.
    package let camera: String
    /// What it concerns: "camera", "recording", "file", "archive", "publishing", "motion", "warning".
    package let subject: String
    /// What happened, in a word: "running", "away", "started", "finished".
    package let event: String
    /// What a person should know of it; nil where the word says all.
    package let message: String?
    /// When, in seconds since 1970.
    package let time: Double
    /// The file that was finished, for subscribers of this program; nil where none was.
    package let file: FinishedFile?

    private enum CodingKeys: CodingKey { case camera, subject, event, message, time }
}

extension Hub<News> {
    /// One for news, of which a slow listener may be 256 behind.
    static func ofNews(keepsEarly: Bool) -> Hub { Hub(backlog: 256, keepsEarly: keepsEarly) }

    /// Tells those who listen of something that happens now.
    func tell(_ camera: String, _ subject: String, _ event: String, _ message: String? = nil, file: FinishedFile? = nil)
    {
        let time = Double(WallTime.now.nanosecondsSince1970) / 1e9
        send(News(camera: camera, subject: subject, event: event, message: message, time: time, file: file))
    }
}
