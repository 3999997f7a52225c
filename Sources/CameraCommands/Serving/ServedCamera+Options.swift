// SPDX-License-Identifier: MIT

internal import CameraKit
package import CameraServer

extension ServedCamera {
    /// Shows a camera that is opened as the options say, and opened again whenever it has failed.
    ///
    /// - Parameters:
    ///   - name: Its name in addresses.
    ///   - source: Which camera, and what it is asked for.
    ///   - style: What is done to its pictures; nil for nothing.
    package init(_ name: String, _ source: SourceOptions, style: StyleOptions? = nil) {
        self.init(name) { () throws(CameraError) in
            let camera = try Camera(holding: try source.open(), stallLimit: source.stall, stopTimeout: .seconds(15))
            do throws(CameraError) {
                try style?.apply(to: camera)
                try camera.startFrames()
            } catch {
                camera.close()
                throw error
            }
            return camera
        }
    }
}

extension String {
    /// A template with a camera's name in the place for it, `{camera}`.
    package func naming(camera name: String) -> String {
        let place = "{camera}"
        var text = ""
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(place) {
                text += name
                rest = rest.dropFirst(place.count)
            } else {
                text.append(rest.removeFirst())
            }
        }
        return text
    }
}
