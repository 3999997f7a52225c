// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraKit
internal import Glibc

extension CameraPlan {
    /// Makes the folders of the camera's files, as far as their names are known: nobody is there to do it for a service.
    ///
    /// What cannot be made is told by the first file that does not open.
    func makeFolders() {
        let templates = [served.template, served.eventTemplate, timelapse?.template, stills?.template]
        for template in templates.compactMap(\.self) {
            let parts = template.split(separator: "/", omittingEmptySubsequences: false)
            var path = ""
            for part in parts.dropLast().prefix(while: { !$0.contains("{") }) {
                path += part + "/"
                if path != "/" { _ = path.withFileName { mkdir($0, 0o777) } }
            }
        }
    }
}
