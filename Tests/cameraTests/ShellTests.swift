// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// What the tool has shells offer; `make test-shells` asks more of them.
@Suite struct ShellTests {
    @Test(.timeLimit(.minutes(5))) func bashOffersWhatThereIs() throws {
        let folder = try TemporaryFolder()
        let shells = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Shells/run").standardizedFileURL.path
        let result = try run(shells, [Tool.path, "bash"], in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
    }
}
