// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Testing

/// A type whose encoding is written by hand, beside this package: Swift's own `Encoder` and `Decoder` are not hidden.
private struct Clip: Codable, Equatable {
    let name: String
    let seconds: Int

    enum CodingKeys: String, CodingKey {
        case name
        case seconds
    }

    init(name: String, seconds: Int) {
        (self.name, self.seconds) = (name, seconds)
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        seconds = try values.decode(Int.self, forKey: .seconds)
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encode(seconds, forKey: .seconds)
    }
}

@Suite struct CodableTests {
    @Test func swiftsOwnEncoderIsNotHidden() throws {
        let clip = Clip(name: "lobby", seconds: 60)
        #expect(try JSONDecoder().decode(Clip.self, from: JSONEncoder().encode(clip)) == clip)
    }
}
