"""A script for the Processing toolbox of QGIS: runs a quarterhour scenario and loads the layers of its result, styled.

`quarterhour qgis-script FOLDER` puts it into a folder; in QGIS: Processing toolbox > Scripts > Add script to toolbox. It calls the command in a
process of its own, because the Python of QGIS has other packages. This file runs inside QGIS, not inside quarterhour.
"""

import contextlib
import os
import sqlite3
import subprocess
from pathlib import Path

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingOutputFile,
    QgsProcessingOutputMultipleLayers,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
    QgsVectorLayer,
)

COMMAND = "quarterhour"
"""What is run if nothing else is given; `quarterhour qgis-script` writes its own full path here."""
THEIRS = ("PYTHON", "GDAL_", "PROJ_")
"""Beginnings of the variables by which QGIS tells its own programs where their files are: with them the command would find the wrong ones."""


class RunScenario(QgsProcessingAlgorithm):
    """One entry of the toolbox."""

    def name(self):
        return "quarterhour_run"

    def displayName(self):
        return "运行方案 / Run a scenario"

    def group(self):
        return "一刻钟 quarterhour"

    def groupId(self):
        return "quarterhour"

    def shortHelpString(self):
        return (
            "运行方案文件（.toml），并载入结果 plan.gpkg 的图层。再次运行前，请先移除已载入的图层。\n"
            "Runs a scenario file (.toml) and loads the layers of its plan.gpkg. Remove loaded layers before running it again."
        )

    def createInstance(self):
        return RunScenario()

    def initAlgorithm(self, config=None):
        self.addParameter(QgsProcessingParameterFile("SCENARIO", "方案文件 / Scenario file", extension="toml"))
        command = QgsProcessingParameterString("COMMAND", "quarterhour 命令（可写全路径） / command, or its full path", COMMAND)
        self.addParameter(command)
        self.addOutput(QgsProcessingOutputFile("GEOPACKAGE", "plan.gpkg"))
        self.addOutput(QgsProcessingOutputMultipleLayers("LAYERS", "图层 / Layers"))

    def processAlgorithm(self, parameters, context, feedback):
        scenario = self.parameterAsFile(parameters, "SCENARIO", context)
        written = self.run_command([self.parameterAsString(parameters, "COMMAND", context), "run", scenario], feedback)
        geopackage = next((line for line in written if Path(line).name == "plan.gpkg" and Path(line).is_file()), None)
        if geopackage is None:
            raise QgsProcessingException('未写出 plan.gpkg:[outputs] formats 须含 "geopackage" / the scenario writes no plan.gpkg')
        return {"GEOPACKAGE": geopackage, "LAYERS": list(self.load(geopackage, context))}

    def run_command(self, command, feedback):
        """The lines that the command says, each told as it comes."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(THEIRS)}
        environment["PYTHONUTF8"] = "1"
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
        no_window = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        try:
            process = subprocess.Popen(command, env=environment, encoding="utf-8", errors="replace", creationflags=no_window, **streams)
        except OSError as error:
            raise QgsProcessingException(f"找不到命令 / no such command: {command[0]} ({error.strerror})") from error
        lines = []
        with process:
            for line in process.stdout:
                lines.append(line.rstrip("\n"))
                feedback.pushInfo(lines[-1])
                if feedback.isCanceled():
                    process.terminate()
        if process.returncode:
            raise QgsProcessingException("\n".join(lines[-20:]) or f"exit code {process.returncode}")
        return lines

    def load(self, geopackage, context):
        """Hand every layer with geometry to the project, in the order of drawing; each brings its default style."""
        with contextlib.closing(sqlite3.connect(f"{Path(geopackage).as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            query = "SELECT table_name, identifier FROM gpkg_contents WHERE data_type = 'features' ORDER BY rowid"
            layers = database.execute(query).fetchall()
        for table, title in layers:
            layer = QgsVectorLayer(f"{geopackage}|layername={table}", title, "ogr")
            context.temporaryLayerStore().addMapLayer(layer)
            context.addLayerToLoadOnCompletion(layer.id(), QgsProcessingContext.LayerDetails(title, context.project(), "LAYERS"))
            yield layer.id()
