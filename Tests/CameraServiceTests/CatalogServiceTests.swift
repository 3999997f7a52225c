// SPDX-License-Identifier: MIT

#if X264
import CameraCatalog
import CameraKit
import CameraServer
import CameraService
import Foundation
import TestSupport
import Testing

/// A service that keeps account of what it records.
@Suite struct CatalogServiceTests {
    @Test func whatIsRecordedIsInTheCatalogueAndFoldersAreMade() throws {
        let folder = try TemporaryFolder()
        let catalog = folder.path("catalog.sqlite")
        let text = """
            server: {port: 0, rtsp-port: none, catalog: "\(catalog)"}
            cameras:
              hall:
                source: test:numbered
                size: 160x96
                fps: 30
                record: {template: "\(folder.path("clips/{camera}/{counter:03d}.mp4"))", split: 20frames}
            """
        try Data(text.utf8).write(to: folder.file("service.yaml"))
        func names() -> [String] {
            let found = try? FileManager.default.contentsOfDirectory(atPath: folder.path("clips/hall"))
            return (found ?? []).filter { $0.hasSuffix(".mp4") }.sorted()
        }
        var before = 0
        // Started twice: the second run goes on where the first one ended.
        for _ in 0..<2 {
            let file = folder.path("service.yaml")
            let service = try CameraService(file: file, try Configuration(contentsOf: file))
            #expect(eventually { names().count >= before + 3 })
            try service.stop()
            before = names().count
            let kept = try Catalog(path: catalog)
            defer { kept.close() }
            #expect(try kept.totals(of: "hall").files == names().count)
        }
        let expected = (1...before).map { number -> String in
            let digits = "00\(number)"
            return "\(digits.suffix(3)).mp4"
        }
        #expect(names() == expected)
    }
}
#endif
